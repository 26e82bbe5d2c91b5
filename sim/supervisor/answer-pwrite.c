/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pwrite() to a region: the bytes go there, and the device notices. */
#include <errno.h>

#include "supervisor/made.h"
#include "supervisor/memory.h"
#include "supervisor/supervisor.h"
#include "supervisor/trace.h"

static long write_region(const struct file *file, const struct call *call)
{
	uint64_t from = call->args[1], len = call->args[2], at = call->args[3];
	char bytes[4096];

	if (!sim_cdev_is_bound(file->cdev))
		return -EINVAL;
	for (uint64_t done = 0; done < len; done += sizeof(bytes)) {
		size_t n = len - done < sizeof(bytes) ? len - done : sizeof(bytes);
		int rc = memory_read(call->tid, from + done, bytes, n) ?:
			 device_write(file->device, at + done, bytes, n);

		if (rc < 0)
			return done ? (long)done : rc;
	}
	return (long)len;
}

void answer_pwrite(struct supervisor *s, const struct call *call)
{
	struct file *file = files_of_fd(&s->files, call->tid, (int)call->args[0]);
	long rc;

	if (!file || file->kind != FILE_CDEV)
		return call_run(call);
	rc = write_region(file, call);
	made_move(&s->files);
	trace_pwrite(s->trace, call->tid, (int)call->args[0], call->args[3], rc);
	call_answer(call, rc);
}
