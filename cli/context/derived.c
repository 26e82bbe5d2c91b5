/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects that are allocated and destroyed by id: HWPTs, queues, vIOMMUs and what belongs to them. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "context.h"
#include "journal.h"
#include "table.h"

static void close_queue(struct made *made)
{
	if (made->fd >= 0)
		close(made->fd);
	made->fd = -1;
}

int made_remember(const struct call *call, const struct made *made, const char *name)
{
	struct made *kept;

	if (call->ctx->kind != CONTEXT_LASTING) {
		if (made->fd >= 0)
			close(made->fd);
		return EXIT_DONE;
	}
	kept = calloc(1, sizeof(*kept));
	if (kept) {
		*kept = *made;
		if (object_add(call->ctx, &kept->object, name) == 0) {
			journal_object(call->ctx, &kept->object);
			return EXIT_DONE;
		}
		free(kept);
	}
	if (made->fd >= 0)
		close(made->fd);
	iommufd_destroy(call->ctx->iommufd, made->object.id);
	return msg_fail_errno(call->output, name, ENOMEM);
}

int made_keep(const struct call *call, const struct made *made, const char *name)
{
	int rc = made_remember(call, made, name);

	return rc == EXIT_DONE ? print_id(call->output, made->object.id) : rc;
}

struct made *find_made(const struct context *ctx, uint32_t id)
{
	struct object *object = object_by_id(ctx, id);

	return object && object->type >= OBJECT_HWPT ? (struct made *)object : NULL;
}

struct made *queue_find(const struct context *ctx, const char *ref)
{
	struct object *object = object_by_name(ctx, ref);
	struct made *made;
	uint32_t id;

	if (parse_u32(ref, &id))
		made = find_made(ctx, id);
	else
		made = object && object->type >= OBJECT_HWPT ? (struct made *)object : NULL;
	return made && made->fd >= 0 ? made : NULL;
}

void made_drop(struct context *ctx, struct made *made)
{
	journal_gone(ctx, &made->object);
	object_remove(ctx, &made->object);
	close_queue(made);
	free(made);
}

const struct made *made_of(const struct context *ctx, uint32_t id)
{
	for (size_t i = 0; i < ctx->ids.count; i++) {
		const struct made *made = find_made(ctx, (uint32_t)i);

		if (made && (made->device == id || made->parent == id || made->queue == id))
			return made;
	}
	return NULL;
}

/* A service manager closes its copy of a queue's fd when it comes to it. */
static bool has_patience(int *milliseconds)
{
	return (*milliseconds)-- > 0 && poll(NULL, 0, 1) == 0;
}

int made_destroy(struct context *ctx, struct made *made)
{
	int patience = made->fd >= 0 ? 500 : 0, rc;

	if (made->fd >= 0 && made_of(ctx, made->object.id))
		return -EBUSY;
	journal_fd_gone(ctx, &made->object);
	close_queue(made);
	do
		rc = iommufd_destroy(ctx->iommufd, made->object.id);
	while (rc == -EBUSY && ctx->journal && ctx->journal->drop && has_patience(&patience));
	if (rc == 0)
		made_drop(ctx, made);
	return rc;
}
