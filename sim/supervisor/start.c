/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/start.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/filter.h"

enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127 }; /* as shells have it */

/* A number, and an fd where it is one. */
static int send_fd(int socket, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec data = { &fd, sizeof(fd) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *header = (struct cmsghdr *)control;

		*header = (struct cmsghdr){ CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* The fd, or -errno: what the other side says, or that there is no other side. */
static int receive_fd(int socket)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	int number, fd;
	struct iovec data = { &number, sizeof(number) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != sizeof(number))
		return -ECHILD;
	if (number < 0)
		return number;
	if (!CMSG_FIRSTHDR(&message))
		return -EMFILE;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

static void set_environment(const char *const *pairs)
{
	for (; *pairs; pairs += 2) {
		if (pairs[1])
			setenv(pairs[0], pairs[1], 1);
		else
			unsetenv(pairs[0]);
	}
}

/* More than this user may have is not to be had: then it is as much as there is. */
static void set_limits(const struct start *start)
{
	struct rlimit memlock;

	setrlimit(RLIMIT_NOFILE, &start->files);
	if (start->memlock == UINT64_MAX || getrlimit(RLIMIT_MEMLOCK, &memlock) < 0)
		return;
	memlock.rlim_cur = start->memlock < memlock.rlim_max ? start->memlock : memlock.rlim_max;
	setrlimit(RLIMIT_MEMLOCK, &memlock);
}

/* In a directory of PATH that this user can search. */
static bool is_in_path(const char *name)
{
	const char *dirs = getenv("PATH") ?: "/bin:/usr/bin";

	for (;; dirs++) {
		size_t len = strcspn(dirs, ":");
		char path[4096];

		snprintf(path, sizeof(path), "%.*s%s%s", (int)len, dirs, len ? "/" : "", name);
		if (access(path, F_OK) == 0)
			return true;
		dirs += len;
		if (!*dirs)
			return false;
	}
}

/* A directory of PATH that is closed to this user makes execvp() say EACCES of what is nowhere. */
static int why_not(const char *name, int error)
{
	return error == EACCES && !strchr(name, '/') && !is_in_path(name) ? ENOENT : error;
}

/* In the child, which becomes the program or says why not. */
static _Noreturn void become(const struct start *start, int socket)
{
	int listener, error;

	set_limits(start);
	set_environment(start->environment);
	listener = filter_install();
	if (send_fd(socket, listener) < 0 || listener < 0)
		_exit(EXIT_FAILURE);
	close(listener);
	close(socket);
	sigprocmask(SIG_SETMASK, start->mask, NULL);
	execvp(start->argv[0], start->argv);
	error = why_not(start->argv[0], errno);
	dprintf(STDERR_FILENO, "iommufd-sim: %s: %s\n", start->argv[0], strerror(error));
	_exit(error == ENOENT || error == ENOTDIR ? NOT_FOUND : NOT_EXECUTABLE);
}

int start_command(const struct start *start, pid_t *pid, int *listener)
{
	int ends[2], error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	*pid = fork();
	error = errno;
	if (*pid == 0) {
		close(ends[0]);
		become(start, ends[1]);
	}
	close(ends[1]);
	*listener = *pid < 0 ? -error : receive_fd(ends[0]);
	close(ends[0]);
	if (*listener < 0 && *pid > 0)
		waitpid(*pid, NULL, 0);
	return *listener < 0 ? *listener : 0;
}
