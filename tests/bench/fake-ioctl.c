/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded where the price of our own code is measured: an ioctl() that costs a system call, which
 * fails (fd is /dev/null), and answers 0. The first IOAS is number 1.
 */
#include <errno.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uapi/iommufd.h"

__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...)
{
	int saved = errno;
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	syscall(SYS_ioctl, fd, request, arg);
	if (request == UAPI_IOMMU_IOAS_ALLOC)
		((struct uapi_iommu_ioas_alloc *)arg)->out_ioas_id = 1;
	errno = saved;
	return 0;
}
