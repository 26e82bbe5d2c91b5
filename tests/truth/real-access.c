/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accesses of the kernel's own self-test: IOMMU_TEST_CMD, on an iommufd of our own. */
#include <errno.h>
#include <fcntl.h>

#include "real-access.h"
#include "../helpers/iommu-test.h"

/* Of nothing else: which context a command comes by does not matter where an access is its object. */
static int any_iommufd(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	return fd;
}

int real_access_create(struct backend *real, int context, uint32_t ioas)
{
	int fd, rc = access_create(context, ioas, CREATE_NEEDS_PIN_PAGES, &fd);

	(void)real;
	return rc ?: fd;
}

int real_access_replace(struct backend *real, int access, uint32_t ioas)
{
	(void)real;
	return access_replace(any_iommufd(), access, ioas);
}

long real_access_pin(struct backend *real, int access, uint64_t iova, uint64_t length, bool write)
{
	uint32_t item;
	int rc = access_pin(any_iommufd(), access, iova, length, NULL, write ? PAGES_WRITE : 0, &item);

	(void)real;
	return rc ?: (long)item;
}

int real_access_unpin(struct backend *real, int access, uint32_t item)
{
	struct test_cmd cmd = { .id = (uint32_t)access, .unpin.item = item };

	(void)real;
	return test_ioctl(any_iommufd(), OP_DESTROY_ACCESS_PAGES, &cmd);
}

int real_access_rw(struct backend *real, int access, uint64_t iova, void *bytes, uint64_t length,
		   bool write)
{
	(void)real;
	return access_rw(any_iommufd(), access, iova, bytes, length, write ? RW_WRITE : 0);
}
