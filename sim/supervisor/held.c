/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/held.h"
#include <errno.h>
#include <stdio.h>

#include "supervisor/memory.h"
#include "supervisor/supervisor.h"

struct answer {
	const struct call *call;
	struct held_query query;
	uint32_t iommufd;
	int rc;
};

static void see(const struct sim_held *from, void *data)
{
	struct answer *answer = data;
	struct held to = {
		.kind = (uint32_t)from->kind, .id = from->id, .on = from->on, .iommufd = answer->iommufd,
		.iova = from->iova, .length = from->length, .offset = from->offset,
		.file = backing_inode(from->backing),
	};
	uint32_t at = answer->query.n++;

	if (at >= answer->query.room || answer->rc)
		return;
	snprintf(to.address, sizeof(to.address), "%s", from->address ?: "");
	answer->rc = memory_write(answer->call->tid, answer->query.entries + at * sizeof(to), &to,
				  sizeof(to));
}

void answer_held(struct supervisor *s, const struct call *call)
{
	struct answer answer = { .call = call };

	answer.rc = memory_read(call->tid, call->args[2], &answer.query, sizeof(answer.query));
	answer.query.n = 0;
	for (size_t i = 0; i < FILES_BUCKETS; i++)
		for (const struct file *file = s->files.buckets[i]; file; file = file->next)
			if (file->kind == FILE_IOMMUFD && ++answer.iommufd)
				sim_context_look(file->context, see, &answer);
	answer.rc = answer.rc ?: memory_write(call->tid, call->args[2], &answer.query, sizeof(answer.query));
	call_answer(call, answer.rc);
}
