/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps a device from VFIO for good, whoever gives it away. */
#ifndef CLI_MACHINE_OBSTACLE_H
#define CLI_MACHINE_OBSTACLE_H

#include "machine/device.h"

struct machine_obstacle {
	enum machine_obstacle_kind {
		OBSTACLE_BRIDGE,     /* of PCI; host bridges, too */
		OBSTACLE_IOMMU,	     /* it is one */
		OBSTACLE_OFF,	     /* the IOMMU, or there is none */
		OBSTACLE_DIRECT,     /* the firmware wants it to reach memory at fixed addresses */
		OBSTACLE_DENYLISTED, /* by vfio-pci */
	} kind;
	char what[112]; /* a sentence: "it is a PCI bridge (class 0604), which no VFIO driver takes" */
	char fact[128]; /* the file that says so */
};

enum { MACHINE_OBSTACLES = 4 };

/* Bridges and IOMMUs: a part of the machine, not on it. */
bool machine_is_infrastructure(const struct machine_ids *ids);

/* Returns how many. What cannot be told is none. */
size_t machine_obstacles(const struct machine_device *device, struct machine_obstacle ret[MACHINE_OBSTACLES]);

#endif
