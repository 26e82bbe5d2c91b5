/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All devices, as a list has them: read in few calls, as there may be many thousands. */
#ifndef CLI_MACHINE_INVENTORY_H
#define CLI_MACHINE_INVENTORY_H

#include "machine/device.h"

#include <sys/types.h>

enum machine_kind {
	MACHINE_UNKNOWN,  /* it has no IOMMU group: what it would be is not known */
	MACHINE_PHYSICAL, /* behind an IOMMU */
	MACHINE_EMULATED, /* an mdev */
	MACHINE_NOIOMMU,  /* VFIO has it without an IOMMU */
	MACHINE_PARENT,	  /* of mdevs: its driver makes them */
};

struct machine_entry {
	char name[32]; /* "vfio0"; empty: VFIO has not taken it */
	char bus[16], address[64], driver[64]; /* empty: none, or it is longer */
	char root[20];		/* "pci0000:00"; empty: none, or not asked for */
	struct machine_ids ids; /* of PCI; all 0: not known */
	int32_t group, numa_node; /* -1: none, or not known */
	enum machine_kind kind;
	bool has_cdev;
	bool has_node; /* the cdev's file is there, of this owner and mode: */
	uid_t owner;
	gid_t owner_group;
	mode_t mode;
};

enum machine_inventory_flags {
	INVENTORY_ALL = 1,  /* also what VFIO has not taken: PCI functions, and parents of mdevs */
	INVENTORY_MORE = 2, /* also root, and numa_node where there is but one node */
};

struct machine_inventory {
	struct machine_entry *entries; /* those of VFIO by numbers, then the others by addresses */
	size_t count, room;
};

/*
 * What vanishes meanwhile is left out; what cannot be read for another reason makes no shorter list: -errno.
 * -ENODEV: there is no sysfs.
 */
int machine_inventory_read(struct machine_inventory *ret, unsigned int flags);
/* The same of one device, with all flags, whatever bus it is on. 0, or -errno. */
int machine_inventory_of(const struct machine_device *device, struct machine_entry *ret);
void machine_inventory_free(struct machine_inventory *inventory);

#endif
