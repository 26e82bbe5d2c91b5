/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who else gives drivers to a device: at boot, or when it appears. */
#ifndef CLI_MACHINE_CLAIMANT_H
#define CLI_MACHINE_CLAIMANT_H

#include "machine/device.h"

struct machine_claimant {
	char who[16];	/* "driverctl", "mdevctl", "modprobe", "kernel" (its command line) */
	char what[64];	/* the driver that it gives, or the words: "vfio-pci.ids=8086:10d3" */
	char fact[128]; /* the file that says so */
};

enum { MACHINE_CLAIMANTS = 8 };

/* Returns how many. What cannot be read is none. */
size_t machine_claimants(const struct machine_device *device, struct machine_claimant ret[MACHINE_CLAIMANTS]);

#endif
