/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The open iommufd: open, check, destroy, options; and what all that hands out fds needs. */
#include "internal.h"
#include "uapi/iommufd.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *dev_root(void)
{
	const char *root = secure_getenv("IOMMUFD_DEV");

	return root && *root ? root : "/dev";
}

int close_after(int fd, int rc)
{
	close(fd);
	return rc < 0 ? set_errno(-rc) : rc;
}

int lift_fd(int fd, int *ret_fd)
{
	int high = fd;

	if (fd <= STDERR_FILENO) {
		high = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		high = close_after(fd, high < 0 ? -errno : high);
	}
	if (high < 0)
		return high;
	*ret_fd = high;
	return 0;
}

int open_high(const char *path, int *ret_fd)
{
	int fd = openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : lift_fd(fd, ret_fd);
}

API int iommufd_check(int fd)
{
	uint64_t mode;
	int rc = iommufd_option_get(fd, IOMMUFD_RLIMIT_MODE, 0, &mode);

	/* What else there is has other answers to a strange ioctl: a cdev that is not bound says EINVAL. */
	return rc == 0 || rc == -EBADF ? rc : set_errno(ENOTTY);
}

API int iommufd_open(const char *path, int *ret_fd)
{
	char node[256];

	if (path)
		return open_high(path, ret_fd);
	if ((size_t)snprintf(node, sizeof(node), "%s/iommu", dev_root()) >= sizeof(node))
		return set_errno(ENAMETOOLONG);
	return open_high(node, ret_fd);
}

API int iommufd_destroy(int fd, uint32_t id)
{
	struct uapi_iommu_destroy arg = { .size = sizeof(arg), .id = id };

	return do_ioctl(IOMMUFD_OP_DESTROY, fd, &arg);
}

API int iommufd_option_get(int fd, enum iommufd_option_id option, uint32_t object, uint64_t *ret_value)
{
	struct uapi_iommu_option arg = {
		.size = sizeof(arg), .option_id = option, .op = UAPI_IOMMU_OPTION_GET, .object_id = object,
	};

	return ioctl_u64(IOMMUFD_OP_OPTION_GET, fd, &arg, &arg.val64, ret_value);
}

API int iommufd_option_set(int fd, enum iommufd_option_id option, uint32_t object, uint64_t value)
{
	struct uapi_iommu_option arg = {
		.size = sizeof(arg),
		.option_id = option,
		.op = UAPI_IOMMU_OPTION_SET,
		.object_id = object,
		.val64 = value,
	};

	return do_ioctl(IOMMUFD_OP_OPTION_SET, fd, &arg);
}

int hand_out_queue(int iommufd, uint32_t id, uint32_t fd, uint32_t *ret_id, int *ret_fd)
{
	int rc = lift_fd((int)fd, ret_fd);

	if (rc < 0) {
		iommufd_destroy(iommufd, id);
		return set_errno(-rc);
	}
	*ret_id = id;
	return 0;
}

int read_queue(int fd, void *buf, size_t size)
{
	ssize_t n = TEMP_FAILURE_RETRY(read(fd, buf, size > INT_MAX ? INT_MAX : size));

	return n < 0 ? -errno : (int)n;
}
