/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the iommufds of the simulated machine hold, which the simulator tells with --observe. */
#ifndef TESTS_HELD_H
#define TESTS_HELD_H

#include <sys/syscall.h>
#include <unistd.h>

#include "../../sim/supervisor/held.h"
#include "common.h"

/* An iommufd to ask, which is empty itself; it does not count as a step. */
static inline int held_open(void)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, "/dev/iommu", O_RDWR | O_CLOEXEC, 0);

	if (fd < 0)
		die(USAGE, "/dev/iommu: %s", error_name(errno));
	return fd;
}

static inline size_t held_look(int iommufd, struct held *entries, size_t room)
{
	struct held_query query = { .entries = (uintptr_t)entries, .room = (uint32_t)room };

	if (syscall(SYS_ioctl, iommufd, HELD_IOCTL, &query) < 0)
		die(USAGE, "this is not the simulator, or not with --observe: %s", error_name(errno));
	if (query.n > room)
		die(FAILED, "the kernel holds %u things: what is made is not given back", query.n);
	return query.n;
}

#endif
