/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device behind its cdev: registers, and what they do. Its regions lie in a file, each at its offset, so
 * that reads and mappings of programs need nobody; the supervisor tells what was written with pwrite().
 */
#ifndef SIM_DEVICES_DEVICE_H
#define SIM_DEVICES_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

#define DEVICE_REGION_SHIFT 40 /* region N begins at N << 40, as vfio-pci has it, unless a kind says where */
enum { DEVICE_CONFIG = 7, DEVICE_VGA = 8, DEVICE_CONFIG_SIZE = 256 };

struct device;

/* What all devices of a kind have in common. */
struct device_kind {
	const char *name;
	uint32_t vendor, device, class;
	uint32_t flags; /* of vfio_device_info */
	const struct sim_region_description *regions;
	uint32_t n_regions;
	const struct sim_irq_description *irqs;
	uint32_t n_irqs;
	bool info_first; /* there are no interrupts until somebody asked for the device's info */
	uint64_t migration; /* flags of VFIO_DEVICE_FEATURE_MIGRATION */
	bool dma_logging, dma_buf, low_power;
	const void *state_header;
	size_t state_header_size, state_size;
	/* Registers as after power on; what region 7 has is there already. May be NULL, as the next one. */
	void (*reset)(struct device *device);
	/* These bytes of a region were written just now. */
	void (*wrote)(struct device *device, uint32_t region, uint64_t offset, size_t len);
};

struct device {
	const struct device_kind *kind;
	const struct sim_region_description *regions;
	uint32_t n_regions;
	uint32_t vendor, device, class;
	struct sim_device *sim; /* where it does DMA and interrupts */
	int memory;		/* the file with its regions while it is open; else -1 */
	uint8_t config[DEVICE_CONFIG_SIZE]; /* what is in region 7, to undo what cannot be written */
	char *buffer;		/* of its own, no region shows it; may be NULL */
};

/* What the model tells it: data of the description is the device. */
extern const struct sim_device_ops device_ops;

/* Bytes were written there with pwrite(): 0, or -EINVAL: not there, or not writable. */
int device_write(struct device *device, uint64_t at, const void *bytes, size_t len);

#endif
