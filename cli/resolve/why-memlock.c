/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/why-memlock.h"
#include <errno.h>
#include <unistd.h>

#include "machine/limits.h"

/* How to raise it for this process. Where that holds a session its own limit counts, not the caller's. */
static void hint_raise(const struct call *call, const struct machine_limits *limits, uint64_t needed)
{
	const uint64_t kib = 1024;

	if (!call->request->holder)
		return msg_hint(call->output, "ulimit -l %" PRIu64 ", as root if that is above the hard limit; or "
					      "have CAP_IPC_LOCK", (needed + kib - 1) / kib);
	msg_hint(call->output, "the limit of the session's process counts; as root: prlimit --pid %d "
			       "--memlock=%" PRIu64, (int)getpid(), needed);
	if (*limits->unit)
		msg_hint(call->output, "and for the next time LimitMEMLOCK=%" PRIu64 " in %s", needed,
			 limits->unit);
}

int fail_pin(const struct call *call, const char *object, enum iommufd_op op, enum iommufd_device_kind kind,
	     uint64_t bytes)
{
	struct machine_limits limits;

	if (!bytes || machine_limits(getpid(), &limits) < 0)
		return msg_fail_op_bare(call->output, object, op, ENOMEM, kind);
	if (limits.exempt || limits.memlock == UINT64_MAX)
		return msg_fail(call->output, object, "pinning the memory failed: out of memory (ENOMEM)");
	if (bytes > limits.memlock || limits.pinned > limits.memlock - bytes) {
		msg_fail(call->output, object,
			 "process %d may pin %" PRIu64 " bytes (RLIMIT_MEMLOCK), and %" PRIu64 " are needed (ENOMEM)",
			 (int)getpid(), limits.memlock, limits.pinned + bytes);
		hint_raise(call, &limits, limits.pinned + bytes);
		return EXIT_FAILED;
	}
	msg_fail_op_bare(call->output, object, op, ENOMEM, kind);
	msg_hint(call->output, "other processes of the user count as well: %" PRIu64 " bytes would fit alone, the "
			       "limit is %" PRIu64, limits.pinned + bytes, limits.memlock);
	hint_raise(call, &limits, limits.memlock + bytes);
	return EXIT_FAILED;
}
