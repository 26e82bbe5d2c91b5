/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What machine is simulated: read from a file, or the lab's, which is built in. */
#ifndef SIM_TOPOLOGY_TOPOLOGY_H
#define SIM_TOPOLOGY_TOPOLOGY_H

#include "devices/device.h"

enum {
	TOPOLOGY_MOST_DRIVERS = 64, TOPOLOGY_MOST_DEVICES = 1024, TOPOLOGY_MOST_RANGES = 8,
	TOPOLOGY_MOST_BYTES = 8 << 20,
};

struct topology_range {
	struct sim_range range;
	char type[20]; /* "msi", "direct", "reserved", ...: as reserved_regions of sysfs has it */
};

struct topology_iommu {
	char name[32], type[16];
	uint8_t hw_info[128];
	struct sim_iommu_description description;
};

struct topology_device {
	char address[64], parent[24], driver[32], mdev_type[32];
	char native[32];   /* the driver that takes it by its ids; empty: none does */
	char override[64]; /* driver_override; empty: none */
	char cdev[16]; /* vfioN; empty: no driver of VFIO has it */
	struct topology_range ranges[TOPOLOGY_MOST_RANGES];
	size_t n_ranges;
	struct sim_range reserved[TOPOLOGY_MOST_RANGES]; /* those of them that are not for interrupts */
	struct sim_region_description regions[9];
	uint32_t group;
	struct device device;
	struct sim_device_description description;
};

struct topology {
	char kernel[8];		/* empty: not said */
	uint64_t memlock;	/* SIM_UNLIMITED: not said */
	bool unsafe_interrupts; /* iommufd.allow_unsafe_interrupts */
	char (*drivers)[32];	/* of PCI, besides those that devices have */
	size_t n_drivers;
	struct topology_iommu *iommus;
	size_t n_iommus;
	struct topology_device *devices;
	size_t n_devices;
};

/* What is wrong with a file, and where. */
struct topology_error {
	unsigned int line; /* 0: none */
	char text[200];
};

/* NULL: the built-in one. 0, or -1 and the error. */
int topology_read(struct topology *topology, const char *path, struct topology_error *error);
/* The text that topology_read() reads, to stdout: 0, or 1. */
int topology_print(const char *path);
void topology_free(struct topology *topology);

/* The file of the built-in one. */
extern const char topology_default[];

/* Its devices come into a machine of the model: 0 or -errno. */
int topology_fill(struct topology *topology, struct sim *sim);

#endif
