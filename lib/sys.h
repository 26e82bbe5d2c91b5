/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * System calls that only sessions and queues make. Each function imported from the C library costs every
 * command of the tool, which has these objects inside, some 700 instructions at its start; these share one
 * import.
 */
#ifndef LIBIOMMUFD_SYS_H
#define LIBIOMMUFD_SYS_H

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static inline uid_t sys_geteuid(void)
{
	return (uid_t)syscall(SYS_geteuid);
}

static inline int sys_socket(int type)
{
	return (int)syscall(SYS_socket, AF_UNIX, type, 0);
}

static inline int sys_connect(int fd, const struct sockaddr_un *address)
{
	return (int)syscall(SYS_connect, fd, address, sizeof(*address));
}

static inline int sys_peer(int fd, struct ucred *peer)
{
	socklen_t len = sizeof(*peer);

	return (int)syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, peer, &len);
}

static inline ssize_t sys_readlinkat(int dir, const char *name, char *to, size_t len)
{
	return syscall(SYS_readlinkat, dir, name, to, len);
}

/* Not through the vDSO, which is for those who ask often. */
static inline int sys_clock_gettime(clockid_t clock, struct timespec *to)
{
	return (int)syscall(SYS_clock_gettime, clock, to);
}

static inline ssize_t sys_sendmsg(int fd, const struct msghdr *message, int flags)
{
	return syscall(SYS_sendmsg, fd, message, flags);
}

static inline ssize_t sys_recvmsg(int fd, struct msghdr *message, int flags)
{
	return syscall(SYS_recvmsg, fd, message, flags);
}

static inline ssize_t sys_read(int fd, void *buf, size_t size)
{
	return syscall(SYS_read, fd, buf, size);
}

static inline ssize_t sys_write(int fd, const void *buf, size_t size)
{
	return syscall(SYS_write, fd, buf, size);
}

#endif
