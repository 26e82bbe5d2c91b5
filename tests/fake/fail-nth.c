/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into the tool: lets one allocation of the kernel fail in one ioctl.
 *
 *	FAIL_REQUEST	the ioctl, as 0x3b81; FAIL_TIMES: which of them, from 1 on
 *	FAIL_NTH	which of its allocations, from 1 on
 *	FAIL_REPORT	a file that gets "failed", or "unreached": it makes fewer
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...);

static unsigned long number(const char *name)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : 0;
}

/* How many allocations are still to come before the one that fails; n: from now on. */
static unsigned long exchange(int control, unsigned long n)
{
	char text[32] = "";

	if (pread(control, text, sizeof(text) - 1, 0) < 0)
		abort();
	dprintf(control, "%lu", n);
	return strtoul(text, NULL, 10);
}

static void report(const char *what)
{
	int fd = open(getenv("FAIL_REPORT"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, what, strlen(what)) < 0)
		abort();
	close(fd);
}

static int fail_one(int fd, unsigned long request, void *arg)
{
	int control = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC), rc;
	unsigned long left;

	if (control < 0)
		abort();
	exchange(control, number("FAIL_NTH"));
	rc = (int)syscall(SYS_ioctl, fd, request, arg);
	left = exchange(control, 0);
	report(left ? "unreached" : "failed");
	close(control);
	return rc;
}

__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...)
{
	static unsigned long times;
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (request == number("FAIL_REQUEST") && ++times == number("FAIL_TIMES"))
		return fail_one(fd, request, arg);
	return (int)syscall(SYS_ioctl, fd, request, arg);
}
