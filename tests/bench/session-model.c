/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For machines without an iommufd, to be preloaded: the simulator's model, in the process itself. Each ioctl
 * costs a system call besides.
 */
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../fake/self.h"

__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...);

static const struct sim_caller_ops ops = {
	.read = self_read, .write = self_write, .fd = self_fd, .limits = self_limits, .memory = self_memory,
};

static struct sim_caller caller = { &ops };
static struct sim_context *context; /* the one iommufd of this process */

__attribute__((constructor)) static void open_context(void)
{
	struct sim *sim = sim_new("7.2");

	context = sim ? sim_context_open(sim, false) : NULL;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;
	long rc;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	rc = syscall(SYS_ioctl, fd, request, arg);
	if (rc >= 0 || errno != ENOTTY || !context)
		return (int)rc;
	rc = sim_iommufd_ioctl(context, request, (uintptr_t)arg, &caller);
	if (rc >= 0)
		return (int)rc;
	errno = (int)-rc;
	return -1;
}
