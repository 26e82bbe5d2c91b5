/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls that the C library has no function for, or has only since glibc 2.36. */
#ifndef CLI_UTIL_MISSING_H
#define CLI_UTIL_MISSING_H

#include <linux/capability.h>
#include <linux/kcmp.h>
#include <stdbool.h>
#include <stdint.h>
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

/* Landlock, of which headers before Linux 6.12 know only a part. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum {
	LANDLOCK_WRITE_FILE = 1 << 1,
	LANDLOCK_REMOVE_FILE = 1 << 5,
	LANDLOCK_MAKE_SOCK = 1 << 9,
	LANDLOCK_WRITE_OF_1 = 0x1ff2, /* all that changes something, in its first version */
	LANDLOCK_REFER = 1 << 13,
	LANDLOCK_TRUNCATE = 1 << 14,
	LANDLOCK_IOCTL_DEV = 1 << 15,
	LANDLOCK_SCOPE_SIGNAL = 1 << 1,
};

/* What is forbidden unless a rule allows it. */
struct missing_landlock_ruleset {
	uint64_t files, network, scoped;
};

struct missing_landlock_path {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

/* Below 1: this kernel has it not. */
static inline int missing_landlock_version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
}

static inline int missing_landlock_create(const struct missing_landlock_ruleset *rules)
{
	return (int)syscall(SYS_landlock_create_ruleset, rules, sizeof(*rules), 0);
}

static inline int missing_landlock_add_path(int ruleset, const struct missing_landlock_path *path)
{
	return (int)syscall(SYS_landlock_add_rule, ruleset, 1, path, 0);
}

static inline int missing_landlock_restrict_self(int ruleset)
{
	return (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}

#endif
