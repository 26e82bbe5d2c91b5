/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks, and what is on them: file systems that are mounted, swap, what other block devices are made of. */
#ifndef CLI_MACHINE_USE_STORAGE_H
#define CLI_MACHINE_USE_STORAGE_H

#include "machine/part.h"
#include "machine/use-add.h"

enum { USE_DISKS = 128 };

/* Those of a device, their partitions, and what is made of them: by their names as block devices. */
struct use_disks {
	struct use_disk {
		char name[32];
		dev_t rdev; /* 0: it has no node */
		bool made;  /* of others: a volume, a RAID */
	} items[USE_DISKS];
	size_t count;
	bool more;
};

/* What is no disk and leads to none is left alone. */
void use_collect_disks(struct use_disks *disks, const struct machine_part *part);
void use_add_disks(struct machine_uses *uses, const struct machine_host *host, struct use_disks *disks);

#endif
