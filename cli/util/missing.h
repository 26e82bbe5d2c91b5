/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls that the C library has no function for, or has only since glibc 2.36. */
#ifndef CLI_UTIL_MISSING_H
#define CLI_UTIL_MISSING_H

#include <linux/capability.h>
#include <linux/kcmp.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int missing_pidfd_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static inline int missing_pidfd_getfd(int pidfd, int fd)
{
	return (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
}

/* It has the function, but no header tells of it: that is libcap's. */
static inline int missing_capget(struct __user_cap_header_struct *header, struct __user_cap_data_struct *data)
{
	return (int)syscall(SYS_capget, header, data);
}

/* Are a and b the same open file? false as well where the kernel cannot tell. */
static inline bool missing_is_same_file(int a, int b)
{
	return syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, a, b) == 0;
}

#endif
