/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices whose registers do nothing: what is written can be read. */
#include <errno.h>

#include "devices/kinds.h"

enum { RW = SIM_REGION_READ | SIM_REGION_WRITE, RWM = RW | SIM_REGION_MMAP };

static const struct sim_irq_description pci_irqs[5] = {
	{ .flags = 7, .count = 1 }, { .flags = 9, .count = 1 }, { .flags = 9 }, { .flags = 9, .count = 1 },
	{ .flags = 9, .count = 1 },
};

static const struct sim_region_description plain_regions[9] = {
	[0] = { RWM, 1 << 16 },
	[DEVICE_CONFIG] = { RW, DEVICE_CONFIG_SIZE },
	[DEVICE_VGA] = { .absent = true },
};

const struct device_kind device_plain = {
	.name = "plain",
	.vendor = 0x1234,
	.device = 0x0001,
	.class = 0xff0000,
	.flags = 3, /* can be reset */
	.regions = plain_regions,
	.n_regions = 9,
	.irqs = pci_irqs,
	.n_irqs = 5,
	.dma_buf = true,
	.low_power = true,
};

static const struct sim_region_description testdev_regions[9] = {
	[0] = { RWM, 4096 },
	[1] = { RW, 256 },
	[DEVICE_CONFIG] = { RW, DEVICE_CONFIG_SIZE },
	[DEVICE_VGA] = { .absent = true },
};

static const struct sim_irq_description testdev_irqs[5] = {
	{ .flags = 7 }, { .flags = 9 }, { .flags = 9 }, { .error = EINVAL }, { .flags = 9, .count = 1 },
};

const struct device_kind device_testdev = {
	.name = "pci-testdev",
	.vendor = 0x1b36,
	.device = 0x0005,
	.class = 0xff0000,
	.flags = 2,
	.regions = testdev_regions,
	.n_regions = 9,
	.irqs = testdev_irqs,
	.n_irqs = 5,
	.dma_buf = true,
	.low_power = true,
};

/* Its first page is configuration space, and its memory lies behind it. */
static const struct sim_region_description mdpy_regions[9] = {
	[0] = { RWM, 2 << 20, .has_offset = true, .offset = 4096 },
	[1 ... DEVICE_CONFIG - 1] = { .has_offset = true },
	[DEVICE_CONFIG] = { RW, 255, .has_offset = true },
	[DEVICE_VGA] = { .has_offset = true },
};

const struct device_kind device_mdpy = {
	.name = "mdpy",
	.vendor = 0x1b36,
	.device = 0x000f,
	.class = 0x030000,
	.flags = 2,
	.regions = mdpy_regions,
	.n_regions = 9,
	.n_irqs = 5, /* of none */
	.info_first = true,
};
