/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of explanations, in one part for each group of ops. Never installed. */
#ifndef LIBIOMMUFD_EXPLAIN_H
#define LIBIOMMUFD_EXPLAIN_H

#include "internal.h"

#define ANY IOMMUFD_KIND_UNKNOWN
#define PHYS IOMMUFD_PHYSICAL
#define EMUL IOMMUFD_EMULATED
#define OP(name) IOMMUFD_OP_##name
#define ANY_OP UINT8_MAX

/* How a row is known: on which Linux its tests have produced it. */
#define SEEN_6_12 1
#define SEEN_7_2 2
#define SEEN (SEEN_6_12 | SEEN_7_2)
#define FILTER 4 /* the tests have no kernel without the ioctl: a filter of system calls answered for one */
#define SOURCE 0

/* Hints that several rows share. */
#define BIND_FIRST "bind it first: iommufdctl bind DEV"
#define SHOW_OBJECTS "'iommufdctl show' lists the objects"
#define SHOW_MAPPINGS "'iommufdctl show' lists the mappings; without --iova the kernel picks a free range"
#define SHOW_RANGES "'iommufdctl ioas ranges IOAS' shows the ranges and their alignment"
#define SHOW_USABLE "'iommufdctl ioas ranges IOAS' shows what is usable"
#define SHOW_RESERVED "'iommufdctl ioas ranges IOAS' and /sys/kernel/iommu_groups/N/reserved_regions"
#define SHOW_DEVICES "'iommufdctl list' shows the devices"
#define SHOW_REGIONS "'iommufdctl info DEV' lists the regions"
#define SHOW_FEATURES "'iommufdctl info DEV' lists the features"
#define SHOW_PASIDS "'iommufdctl hw-info DEV' shows how many PASIDs there are"
#define SHOW_KERNEL "'iommufdctl features' shows what the kernel knows"
#define WHERE_CDEVS "cdevs are the files /dev/vfio/devices/vfioN"
#define ONE_CDEV "a device is bound through one open cdev only: 'fuser -v CDEV' shows who has it"
#define SAME_TOKEN "bind the physical function with '--token UUID', and this one with the same"
#define MAKE_DIRTY "make one with: iommufdctl hwpt alloc DEV IOAS --dirty"
#define MAY_PIN "raise 'ulimit -l', or have CAP_IPC_LOCK"

struct explain_row {
	uint8_t op, kind, evidence;
	short error;
	const char *sentence, *hint; /* a row may end without a hint */
};

/* Each ends with a row without a sentence. */
extern const struct explain_row explain_basic[], explain_space[], explain_objects[], explain_devices[];

#endif
