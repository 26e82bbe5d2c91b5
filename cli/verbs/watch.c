/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/watch.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>

#include "util/process.h"

static int fail_open(const struct call *call, int error)
{
	if (error != -ELIBACC && error != -ELIBBAD)
		return msg_fail(call->output, NULL, "the kernel's events cannot be listened to: %s (%s)",
				msg_error_text(error), iommufd_error_name(error) ?: "?");
	if (error == -ELIBACC)
		msg_fail(call->output, NULL, "the library libmnl.so.0 is missing (ELIBACC)");
	else
		msg_fail(call->output, NULL, "libmnl.so.0 is older than libmnl 1.0.4 (ELIBBAD)");
	msg_hint(call->output, "it is in the package libmnl0 of Debian: apt install libmnl0");
	return EXIT_UNSUPPORTED;
}

/* The tree of a test is not what the kernel speaks of. */
static bool is_redirected(void)
{
	const char *root = secure_getenv("IOMMUFD_SYSFS");

	return root && *root;
}

int watch_open(const struct call *call, struct watch *ret)
{
	int rc = iommufd_uevents_open(&ret->uevents), arrive;

	if (rc < 0)
		return fail_open(call, rc);
	arrive = iommufd_uevents_arrive(ret->uevents);
	ret->never = arrive == 0;
	ret->looks = arrive != 1 || is_redirected();
	return EXIT_DONE;
}

void watch_note(const struct call *call, const struct watch *watch)
{
	if (watch->never)
		msg_note(call->output, "the kernel sends no events to the network of a user namespace: looking "
				       "every second instead");
	buf_flush(call->output->err);
}

void watch_close(struct watch *watch)
{
	iommufd_uevents_close(watch->uevents);
}

int watch_read(const struct watch *watch, struct iommufd_uevent *ret)
{
	return iommufd_uevents_read(watch->uevents, ret);
}

int watch_fail(const struct call *call, int error)
{
	return msg_fail(call->output, NULL, "reading the kernel's events failed: %s (%s)",
			msg_error_text(error), iommufd_error_name(error) ?: "?");
}

static int timeout_until(const struct watch *watch, uint64_t until)
{
	uint64_t now = clock_ms(), left = until > now ? until - now : 0;

	if (watch->looks && left > LOOK_MS)
		left = LOOK_MS;
	if (until == UINT64_MAX && !watch->looks)
		return -1;
	return left < INT_MAX ? (int)left : INT_MAX;
}

bool watch_wait(const struct watch *watch, uint64_t until, int reader)
{
	struct pollfd fds[] = {
		{ .fd = iommufd_uevents_fd(watch->uevents), .events = POLLIN },
		{ .fd = reader }, /* that its other end is gone is told without being asked for */
	};

	poll(fds, ARRAY_SIZE(fds), timeout_until(watch, until));
	return !(fds[1].revents & (POLLERR | POLLHUP));
}
