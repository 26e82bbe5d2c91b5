/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel for the tests: the simulator's model of one, behind the library's ioctl(). Which file an fd is
 * open on tells what it is. A test can make it lie. One that defines __wrap_ioctl() itself is linked without
 * it, so that no unit test ever reaches a real device.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libiommufd.h"

enum { TRUTH = -1 };

/* What it is asked, and where it lies. */
struct test_kernel {
	/* A test's own answers, errnos: to all but the bind of a device. TRUTH: the model's. */
	int (*lie)(unsigned long request, void *arg);
	unsigned int calls;
	unsigned long last;    /* the request of the last call */
	unsigned long refused; /* this request fails ... */
	int error;	       /* ... with this error ... */
	unsigned int spared;   /* ... after so many calls of it */
};

extern struct test_kernel kernel;

/* As after boot of Linux 7.2: no objects, no devices, nothing refused. */
void kernel_reset(void);
/* The same of another release, with the devices of this one. */
void kernel_boot(const char *release);
/* A device whose cdev is played by this node. */
void kernel_add(const char *node, enum iommufd_device_kind kind, int group);
/* In all that is open. */
size_t kernel_objects(void);
size_t kernel_mappings(void);

int __wrap_ioctl(int fd, unsigned long request, ...);

#endif
