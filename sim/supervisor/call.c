/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/call.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND (1UL << 1)
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/* A later kernel may write more than the struct that we know. */
union notice {
	struct seccomp_notif known;
	char room[256];
};

union response {
	struct seccomp_notif_resp known;
	char room[128];
};

int call_prepare(int listener)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return -errno;
	if (sizes.seccomp_notif > sizeof(union notice) || sizes.seccomp_notif_resp > sizeof(union response))
		return -ENOSYS;
	/* Linux 6.6: caller and supervisor take turns on one processor, which is faster. */
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	return 0;
}

int call_receive(int listener, struct call *call)
{
	union notice notice = { 0 };

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notice) < 0)
		return -errno;
	*call = (struct call){ .listener = listener, .id = notice.known.id, .tid = (pid_t)notice.known.pid };
	call->number = notice.known.data.nr;
	for (int i = 0; i < 6; i++)
		call->args[i] = notice.known.data.args[i];
	return 0;
}

bool call_is_alive(const struct call *call)
{
	return ioctl(call->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &call->id) == 0;
}

/* It fails where the caller was killed meanwhile, who needs no answer. */
static void respond(const struct call *call, const struct seccomp_notif_resp *response)
{
	union response full = { 0 };

	full.known = *response;
	full.known.id = call->id;
	ioctl(call->listener, SECCOMP_IOCTL_NOTIF_SEND, &full);
}

void call_answer(const struct call *call, long value)
{
	struct seccomp_notif_resp response = { 0 };

	if (value < 0)
		response.error = (int)value;
	else
		response.val = value;
	respond(call, &response);
}

void call_run(const struct call *call)
{
	respond(call, &(struct seccomp_notif_resp){ .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE });
}

static int add_fd(const struct call *call, int fd, bool close_on_exec, uint32_t flags)
{
	struct seccomp_notif_addfd add = {
		.id = call->id,
		.flags = flags,
		.srcfd = (uint32_t)fd,
		.newfd_flags = close_on_exec ? O_CLOEXEC : 0,
	};
	int number = ioctl(call->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	return number < 0 ? -errno : number;
}

void call_answer_fd(const struct call *call, int fd, bool close_on_exec)
{
	int number = add_fd(call, fd, close_on_exec, SECCOMP_ADDFD_FLAG_SEND);

	if (number < 0)
		call_answer(call, number);
}

int call_add_fd(const struct call *call, int fd, bool close_on_exec)
{
	return add_fd(call, fd, close_on_exec, 0);
}
