/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <poll.h>

#include "supervisor/caller.h"
#include "supervisor/held.h"
#include "supervisor/made.h"
#include "supervisor/supervisor.h"
#include "supervisor/trace.h"

static long do_ioctl(struct file *file, unsigned long request, uint64_t arg, struct caller *caller)
{
	switch (file->kind) {
	case FILE_IOMMUFD:
		return sim_iommufd_ioctl(file->context, request, arg, &caller->caller);
	case FILE_CDEV:
		return sim_cdev_ioctl(file->cdev, request, arg, &caller->caller);
	default:
		return sim_file_ioctl(file->made, request, arg, &caller->caller);
	}
}

/* The device that is bound now has its regions in the file of this cdev. */
static long do_cdev_ioctl(struct supervisor *s, struct file *file, unsigned long request, uint64_t arg,
			  struct caller *caller)
{
	int before = file->device->memory;
	long rc;

	if (!sim_cdev_is_bound(file->cdev))
		file->device->memory = file->fd;
	made_move(&s->files);
	rc = do_ioctl(file, request, arg, caller);
	if (!sim_cdev_is_bound(file->cdev))
		file->device->memory = before;
	made_move(&s->files);
	return rc;
}

/* What is no file of ours answers for itself. */
void answer_ioctl(struct supervisor *s, const struct call *call)
{
	struct file *file = files_of_fd(&s->files, call->tid, (int)call->args[0]);
	unsigned long request = call->args[1] & UINT32_MAX;
	struct caller caller;
	long rc;

	if (!file)
		return call_run(call);
	if (s->observed && file->kind == FILE_IOMMUFD && request == HELD_IOCTL)
		return answer_held(s, call);
	caller_init(&caller, call, &s->files, &s->spaces);
	rc = file->kind == FILE_CDEV ? do_cdev_ioctl(s, file, request, call->args[2], &caller) :
				       do_ioctl(file, request, call->args[2], &caller);
	trace_ioctl(s->trace, call->tid, (int)call->args[0], request, rc);
	call_answer(call, rc);
}
