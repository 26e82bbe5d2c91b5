/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/own-hint.h"
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "doctor/kernel.h"
#include "resolve/arguments.h"
#include "resolve/finding.h"

/* A holder has all that it may have from the start: root alone gives it more. */
static void hint_open_files(const struct call *call, uint64_t limit)
{
	if (call->request->holder)
		msg_hint(call->output, "the limit of the session's process counts; as root: prlimit --pid %d "
				       "--nofile=%" PRIu64, (int)getpid(), 2 * limit);
	else
		msg_hint(call->output, "ulimit -n %" PRIu64 ", as root if that is above the hard limit", 2 * limit);
}

static const struct device *device_of(const struct call *call)
{
	for (int i = 0; i < call->n_args && i < MAX_ARGUMENTS; i++)
		if (call->objects[i] && call->objects[i]->type == OBJECT_DEVICE)
			return arg_device(call, i);
	return NULL;
}

/* Of a cdev that somebody else has opened only the kernel knows. */
static bool is_bound(const struct device *device)
{
	struct iommufd_device_info info;

	return device && (device->object.id || iommufd_device_info(device->fd, NULL, 0, &info) >= 0);
}

/* A file was opened in the place of the node: say so, and not that it may be. */
static bool hint_plain_file(const struct call *call, const char *hint)
{
	static const char guess[] = "a plain file lies where the node should be?";
	struct finding why;
	const struct doctor doctor = doctor_first(&why);

	if (strncmp(hint, guess, sizeof(guess) - 1) != 0)
		return false;
	tell_iommufd(&doctor, call->ctx->path, 0);
	if (why.id != NODE_IS_FILE && why.id != NODE_IS_FILE_ALONE && why.id != NODE_IS_MOUNT)
		return false;
	msg_hint(call->output, "%s: %s", why.fact, why.mend);
	return true;
}

const char *own_hint(const void *arg, int error, const char *hint)
{
	static const char bind_first[] = "bind it first: " PROGRAM " bind DEV";
	const size_t len = sizeof(bind_first) - 1;
	struct rlimit limit;

	if (error == EMFILE && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		hint_open_files(arg, limit.rlim_cur);
		return NULL;
	}
	if (error == ENOTTY && hint_plain_file(arg, hint))
		return NULL;
	if (strncmp(hint, bind_first, len) != 0 || !is_bound(device_of(arg)))
		return hint;
	return hint[len] ? hint + len + 2 : NULL;
}
