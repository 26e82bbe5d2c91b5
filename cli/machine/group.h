/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IOMMU group: who is in it, and which addresses its devices reserve. */
#ifndef CLI_MACHINE_GROUP_H
#define CLI_MACHINE_GROUP_H

#include "machine/device.h"

#include <stddef.h>

/* Call fn for each device of the group until it says false. */
typedef bool machine_member_fn(void *arg, const struct machine_device *member);
void machine_each_member(int32_t group, machine_member_fn *fn, void *arg);

/*
 * Does its driver keep the group from VFIO? Not where it has none, one of VFIO, or one that leaves DMA to
 * others: that of PCIe ports, and pci-stub.
 */
bool machine_keeps_group(const struct machine_device *member);

struct machine_region {
	uint64_t start, last;
	char type[24]; /* "msi", "direct", ... */
};

enum { MACHINE_REGIONS = 32 };

/*
 * What devices of the group reserve, by address, and iommufd heeds. Returns how many; 0 also where nobody
 * knows.
 */
size_t machine_reserved(int32_t group, struct machine_region ret[MACHINE_REGIONS]);

#endif
