/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is not told runs natively, at its own speed. So the filter looks at arguments, too: an ioctl counts
 * by its type byte, an open by its being for reading and writing, a write by being short, a pwrite by
 * that, or by its offset.
 */
#include "supervisor/filter.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/attribute.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#else
#error "the numbers and arguments of this processor's system calls were not looked at"
#endif

#define LOW(argument) (offsetof(struct seccomp_data, args) + 8 * (argument))
#define HIGH(argument) (LOW(argument) + 4)
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "LOW and HIGH");

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset))
#define MASK(bits) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (bits))
#define SKIP_UNLESS_EQUAL(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (n))
#define SKIP_UNLESS_ANY(bits, n) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, (n))
#define SKIP_IF_ABOVE(value, n) BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (value), (n), 0)
#define SKIP_UNLESS_LEAST(value, n) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (value), 0, (n))
#define RUN BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define TELL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)

/* Each block is for one call; the accumulator has its number when it begins, and where it is skipped. */
#define ALWAYS(name) SKIP_UNLESS_EQUAL(__NR_##name, 1), TELL

/* The masked argument has this value. */
#define WHERE_MASKED(name, argument, bits, value) \
	SKIP_UNLESS_EQUAL(__NR_##name, 5), LOAD(LOW(argument)), MASK(bits), SKIP_UNLESS_EQUAL((value), 1), \
	TELL, RUN

/* One of these bits is set. */
#define WHERE_ANY(name, argument, bits) \
	SKIP_UNLESS_EQUAL(__NR_##name, 4), LOAD(LOW(argument)), SKIP_UNLESS_ANY((bits), 1), TELL, RUN

enum {
	TYPE_MASK = 0xff00,
	TYPE = ';' << 8, /* of iommufd and VFIO */
	SHORT = 8,	 /* bytes: a register */
	REGIONS = 0x100, /* high half of the offset of the second one */
	OFFSETS_END = 0x7fffffff,
};

static const struct sock_filter program[] = {
	LOAD(offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0),
	RUN,
	LOAD(offsetof(struct seccomp_data, nr)),
	WHERE_MASKED(ioctl, 1, TYPE_MASK, TYPE),
#ifdef __NR_open
	WHERE_MASKED(open, 1, O_ACCMODE | O_PATH, O_RDWR),
#endif
	WHERE_MASKED(openat, 2, O_ACCMODE | O_PATH, O_RDWR),
	ALWAYS(openat2), /* its flags lie behind a pointer */
	SKIP_UNLESS_EQUAL(__NR_write, 7),
	LOAD(HIGH(2)),
	SKIP_UNLESS_EQUAL(0, 4),
	LOAD(LOW(2)),
	SKIP_UNLESS_LEAST(1, 2),
	SKIP_IF_ABOVE(ATTRIBUTE_MOST, 1),
	TELL,
	RUN,
	/* Offsets of regions but the first, or a register of the first one. */
	SKIP_UNLESS_EQUAL(__NR_pwrite64, 9),
	LOAD(HIGH(3)),
	SKIP_UNLESS_LEAST(REGIONS, 2),
	SKIP_IF_ABOVE(OFFSETS_END, 5),
	TELL,
	SKIP_UNLESS_EQUAL(0, 3),
	LOAD(LOW(2)),
	SKIP_IF_ABOVE(SHORT, 1),
	TELL,
	RUN,
	ALWAYS(fstat),
	WHERE_ANY(newfstatat, 3, AT_EMPTY_PATH),
	WHERE_ANY(statx, 2, AT_EMPTY_PATH),
#ifdef __NR_readlink
	ALWAYS(readlink),
#endif
	ALWAYS(readlinkat),
	RUN,
};

static int install(unsigned long flags)
{
	struct sock_fprog filter = { sizeof(program) / sizeof(*program), (struct sock_filter *)program };
	int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);

	return fd < 0 ? -errno : fd;
}

/* Before Linux 5.19 a signal may cut a call in half; that is no reason to do without. */
static int install_by_kernel(void)
{
	int fd = install(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);

	return fd == -EINVAL ? install(SECCOMP_FILTER_FLAG_NEW_LISTENER) : fd;
}

/* Who may do without keeps sudo working. */
int filter_install(void)
{
	int fd = install_by_kernel();

	if (fd != -EACCES)
		return fd == -EINVAL ? -ENOSYS : fd;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	fd = install_by_kernel();
	return fd == -EINVAL ? -ENOSYS : fd;
}
