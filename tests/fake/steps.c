/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded in the simulator: a program that is killed at one of its steps, as the header has it, or whose
 * kernel is slow. What it asks the kernel is answered by the model.
 */
#include "steps.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uapi/iommufd.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT int ioctl(int fd, unsigned long request, ...);

enum { PAGE = 4096 };

static struct fake_steps *steps;

/* Before the program confines itself. */
__attribute__((constructor)) static void find_steps(void)
{
	const char *path = getenv("FAKE_STEPS");
	int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0) : -1;
	void *shared = MAP_FAILED;

	if (fd >= 0) {
		shared = mmap(NULL, sizeof(*steps), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
	}
	steps = shared == MAP_FAILED ? NULL : shared;
}

/* Before and after each call that changes what another process can see. */
static void maybe_kill(void)
{
	if (!steps || !steps->kill_in || !getenv("FAKE_KILL") || --steps->kill_in)
		return;
	steps->kill_in = steps->kill_next;
	steps->kill_next = 0;
	steps->kills++;
	kill(getpid(), SIGKILL);
}

/* It changes nothing: to be killed there is to be killed at what comes before it, or behind. */
static bool is_question(unsigned long request, const void *arg)
{
	return request == UAPI_IOMMU_GET_HW_INFO || request == UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP ||
	       request == UAPI_IOMMU_HWPT_INVALIDATE || request == UAPI_IOMMU_HW_QUEUE_ALLOC ||
	       (request == UAPI_IOMMU_OPTION &&
		((const struct uapi_iommu_option *)arg)->op == UAPI_IOMMU_OPTION_GET);
}

/*
 * With $FAKE_DELAY each call takes so many microseconds, as some of the real ones do, and a tenth for each
 * page that is unmapped. Dirty bits are read of anything then, and there are none.
 */
static long slow_ioctl(useconds_t delay, int fd, unsigned long request, void *arg)
{
	const struct uapi_iommu_ioas_unmap *unmap = arg;
	long rc;

	usleep(delay);
	if (request == UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP)
		return 0;
	rc = syscall(SYS_ioctl, fd, request, arg);
	if (rc >= 0 && request == UAPI_IOMMU_IOAS_UNMAP)
		usleep((useconds_t)(unmap->length / PAGE * delay / 10));
	return rc;
}

int ioctl(int fd, unsigned long request, ...)
{
	const char *delay = getenv("FAKE_DELAY");
	bool asks;
	va_list list;
	void *arg;
	long rc;

	va_start(list, request);
	arg = va_arg(list, void *);
	va_end(list);
	if ((request >> 8 & 0xff) != ';')
		return (int)syscall(SYS_ioctl, fd, request, arg);
	asks = is_question(request, arg);
	if (!asks)
		maybe_kill();
	if (delay)
		rc = slow_ioctl((useconds_t)atoi(delay), fd, request, arg);
	else
		rc = syscall(SYS_ioctl, fd, request, arg);
	if (!asks)
		maybe_kill();
	return (int)rc;
}

EXPORT int openat(int dir, const char *path, int flags, ...)
{
	const char *name = strrchr(path, '/');
	unsigned int mode = 0;
	va_list list;
	int fd;

	if (flags & (O_CREAT | O_TMPFILE)) {
		va_start(list, flags);
		mode = va_arg(list, unsigned int);
		va_end(list);
	}
	fd = (int)syscall(SYS_openat, dir, path, flags, mode);
	if (steps && fd >= 0 && name && strcmp(name, "/iommu") == 0)
		steps->opened++;
	return fd;
}

EXPORT ssize_t pwrite(int fd, const void *from, size_t len, off_t at)
{
	ssize_t rc;

	maybe_kill();
	rc = syscall(SYS_pwrite64, fd, from, len, at);
	maybe_kill();
	return rc;
}

/* A client dies before or after the message that $FAKE_DIE tells: 1, 2, ... */
static void maybe_die(void)
{
	static unsigned long left;
	const char *when = getenv("FAKE_DIE");

	if (!when)
		return;
	left = left ? left : strtoul(when, NULL, 10) + 1;
	if (--left == 1)
		kill(getpid(), SIGKILL);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	ssize_t rc;

	/* Not behind it, too: whoever has the message by then may be setting the next step to die at. */
	maybe_kill();
	maybe_die();
	rc = syscall(SYS_sendmsg, fd, message, flags);
	maybe_die();
	return rc;
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t rc;

	maybe_die();
	rc = syscall(SYS_recvmsg, fd, message, flags);
	maybe_die();
	return rc;
}
