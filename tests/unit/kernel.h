/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel for the tests: /dev/iommu and VFIO cdevs behind the library's ioctl(), by the rules that
 * running kernels show. Which file an fd is open on tells what it is. A test that defines __wrap_ioctl()
 * itself is linked without it, so that no unit test ever reaches a real device.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libiommufd.h"

struct fake_device {
	const char *node; /* the file that plays its cdev */
	enum iommufd_device_kind kind;
	int group;
	uint32_t id, pt; /* 0: not bound, not attached */
};

enum fake_type { FAKE_FREE, FAKE_IOAS, FAKE_HWPT, FAKE_DEVICE };

struct fake_mapping {
	uint32_t ioas; /* 0: the slot is free */
	uint64_t iova, length;
	unsigned int flags;
};

enum { FAKE_OBJECTS = 64, FAKE_MAPPINGS = 64, FAKE_DEVICES = 8 };

struct fake_kernel {
	struct fake_device devices[FAKE_DEVICES];
	size_t n_devices;
	struct {
		enum fake_type type;
		uint32_t ioas; /* of a HWPT */
	} objects[FAKE_OBJECTS]; /* by id */
	struct fake_mapping mappings[FAKE_MAPPINGS];
	size_t n_ranges; /* how many IOVA ranges an IOAS has */
	bool no_map_file; /* before Linux 6.13 */
	/* A test's own answers, errnos: to what an iommufd does not know here, and, before all others, to
	 * what a bound device is asked. ENOTTY: it has none. */
	int (*more)(unsigned long request, void *arg);
	unsigned int calls;
	unsigned long last;    /* the request of the last call */
	unsigned long refused; /* this request fails ... */
	int error;	       /* ... with this error ... */
	unsigned int spared;   /* ... after so many calls of it */
};

extern struct fake_kernel kernel;

/* As after boot: no objects, no devices, nothing refused. */
void kernel_reset(void);
void kernel_add(const char *node, enum iommufd_device_kind kind, int group);
size_t kernel_objects(void);
size_t kernel_mappings(void);

int __wrap_ioctl(int fd, unsigned long request, ...);

#endif
