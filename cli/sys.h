/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls that few commands make. Each function imported from the C library costs every
 * command some 700 instructions at its start; these share one import.
 */
#ifndef CLI_SYS_H
#define CLI_SYS_H

#include <linux/close_range.h>
#include <signal.h>
#include <stddef.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static inline int sys_mkdir(const char *path, unsigned int mode)
{
	return (int)syscall(SYS_mkdirat, -100 /* AT_FDCWD */, path, mode);
}

static inline int sys_umask(unsigned int mask)
{
	return (int)syscall(SYS_umask, mask);
}

static inline int sys_flock(int fd, int operation)
{
	return (int)syscall(SYS_flock, fd, operation);
}

static inline int sys_bind(int fd, const struct sockaddr_un *address)
{
	return (int)syscall(SYS_bind, fd, address, sizeof(*address));
}

static inline int sys_listen(int fd, int backlog)
{
	return (int)syscall(SYS_listen, fd, backlog);
}

static inline int sys_accept(int fd, int flags)
{
	return (int)syscall(SYS_accept4, fd, NULL, NULL, flags);
}

static inline int sys_getsockopt(int fd, int level, int option, void *value, unsigned int *len)
{
	return (int)syscall(SYS_getsockopt, fd, level, option, value, len);
}

static inline int sys_epoll_create(void)
{
	return (int)syscall(SYS_epoll_create1, EPOLL_CLOEXEC);
}

static inline int sys_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
	return (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
}

static inline int sys_epoll_wait(int epoll, struct epoll_event *events, int max, int timeout)
{
	return (int)syscall(SYS_epoll_pwait, epoll, events, max, timeout, NULL, 0);
}

static inline int sys_setsid(void)
{
	return (int)syscall(SYS_setsid);
}

static inline int sys_pipe(int *ends)
{
	return (int)syscall(SYS_pipe2, ends, 02000000 /* O_CLOEXEC */);
}

static inline int sys_rewind(int fd)
{
	return (int)syscall(SYS_lseek, fd, 0, 0 /* SEEK_SET */);
}

static inline long sys_pwrite(int fd, const void *from, unsigned long len, unsigned long at)
{
	return syscall(SYS_pwrite64, fd, from, len, at);
}

static inline long sys_pread(int fd, void *to, unsigned long len, unsigned long at)
{
	return syscall(SYS_pread64, fd, to, len, at);
}

static inline int sys_memfd_create(const char *name, unsigned int flags)
{
	return (int)syscall(SYS_memfd_create, name, flags);
}

static inline int sys_ftruncate(int fd, unsigned long size)
{
	return (int)syscall(SYS_ftruncate, fd, size);
}

static inline int sys_munmap(void *at, unsigned long len)
{
	return (int)syscall(SYS_munmap, at, len);
}

static inline long sys_readlinkat(int dir, const char *name, char *to, unsigned long len)
{
	return syscall(SYS_readlinkat, dir, name, to, len);
}

static inline int sys_wait(pid_t child, int *status)
{
	return (int)syscall(SYS_wait4, child, status, 0, NULL);
}

/* Give a part of a file in memory back. */
static inline int sys_punch(int fd, unsigned long at, unsigned long len)
{
	return (int)syscall(SYS_fallocate, fd, 3 /* KEEP_SIZE | PUNCH_HOLE */, at, len);
}

static inline int sys_connect(int fd, const struct sockaddr_un *address, unsigned int len)
{
	return (int)syscall(SYS_connect, fd, address, len);
}

static inline pid_t sys_getpid(void)
{
	return (pid_t)syscall(SYS_getpid);
}

static inline uid_t sys_geteuid(void)
{
	return (uid_t)syscall(SYS_geteuid);
}

static inline int sys_unlinkat(int dir, const char *name)
{
	return (int)syscall(SYS_unlinkat, dir, name, 0);
}

static inline int sys_socket(int type)
{
	return (int)syscall(SYS_socket, AF_UNIX, type, 0);
}

static inline ssize_t sys_sendmsg(int fd, const struct msghdr *message, int flags)
{
	return syscall(SYS_sendmsg, fd, message, flags);
}

static inline ssize_t sys_recvmsg(int fd, struct msghdr *message, int flags)
{
	return syscall(SYS_recvmsg, fd, message, flags);
}

static inline int sys_chdir(const char *path)
{
	return (int)syscall(SYS_chdir, path);
}

static inline int sys_prctl(int operation, unsigned long value)
{
	return (int)syscall(SYS_prctl, operation, value, 0, 0, 0);
}

static inline int sys_prlimit(int resource, const struct rlimit *set, struct rlimit *get)
{
	return (int)syscall(SYS_prlimit64, 0, resource, set, get);
}

/* A mask of signals as the kernel has it: bit N-1 for signal N. */
static inline int sys_block_signals(const unsigned long *mask)
{
	return (int)syscall(SYS_rt_sigprocmask, SIG_BLOCK, mask, NULL, sizeof(*mask));
}

static inline int sys_signalfd(const unsigned long *mask)
{
	return (int)syscall(SYS_signalfd4, -1, mask, sizeof(*mask), SFD_CLOEXEC | SFD_NONBLOCK);
}

static inline int sys_pidfd_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static inline int sys_pidfd_getfd(int pidfd, int fd)
{
	return (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
}

/* Two fds of this process. false as well where the kernel cannot tell. */
static inline bool sys_is_same_file(int a, int b)
{
	pid_t self = sys_getpid();

	return syscall(SYS_kcmp, self, self, 0 /* KCMP_FILE */, a, b) == 0;
}

static inline int sys_dup3(int from, int to)
{
	return (int)syscall(SYS_dup3, from, to, 0);
}

static inline int sys_close_from(unsigned int first)
{
	return (int)syscall(SYS_close_range, first, ~0U, 0);
}

#endif
