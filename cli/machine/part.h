/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What drivers of the host have made of a device: interfaces, disks, terminals, in its part of the tree. */
#ifndef CLI_MACHINE_PART_H
#define CLI_MACHINE_PART_H

#include "machine/device.h"

#include <sys/types.h>

struct machine_part {
	const char *directory; /* below /sys */
	const char *name;      /* "eth0", "nvme0n1p2" */
	char subsystem[24];    /* "net", "block" */
	dev_t rdev;	       /* of its node; 0: it has none */
};

/* Call fn for each until it says false. Below other PCI devices, and mdevs, are parts of those. */
typedef bool machine_part_fn(void *arg, const struct machine_part *part);
/* 0, or -errno: there may be more. -ENODEV: the device is gone. */
int machine_each_part(const struct machine_device *device, machine_part_fn *fn, void *arg);
/* The same below a directory of /sys. */
int machine_each_part_below(const char *directory, machine_part_fn *fn, void *arg);

/* "8:1"; 0: it is none. */
dev_t machine_parse_numbers(const char *text);

#endif
