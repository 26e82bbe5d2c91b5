/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's edu: it counts, raises interrupts, and copies between memory and a buffer of its own. A write of
 * its command register starts a copy, which is done before that write returns; in QEMU it takes 100 ms.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "devices/kinds.h"
#include "devices/registers.h"

enum {
	ID = 0x00, LIVE = 0x04, FACTORIAL = 0x08, STATUS = 0x20, IRQ_STATUS = 0x24, IRQ_RAISE = 0x60,
	IRQ_ACK = 0x64, SOURCE = 0x80, DESTINATION = 0x88, COUNT = 0x90, COMMAND = 0x98,
};

enum {
	ID_VALUE = 0x010000ed,
	STATUS_IRQ = 1 << 7, /* of STATUS: raise one when a factorial is there */
	IRQ_FACTORIAL = 1 << 0, IRQ_DMA = 1 << 8,
	RUN = 1 << 0, TO_MEMORY = 1 << 1, WITH_IRQ = 1 << 2,
	BUFFER = 0x40000, BUFFER_SIZE = 4096,
	INTX = 0, MSI = 1,
};

static const uint64_t address_mask = (1ULL << 28) - 1;

static const struct sim_region_description regions[9] = {
	[0] = { SIM_REGION_READ | SIM_REGION_WRITE | SIM_REGION_MMAP, 1 << 20 },
	[DEVICE_CONFIG] = { SIM_REGION_READ | SIM_REGION_WRITE, DEVICE_CONFIG_SIZE },
	[DEVICE_VGA] = { .absent = true },
};

static uint64_t reg(const struct device *device, uint64_t at, size_t len)
{
	return device_get(device, 0, at, len);
}

static void set(const struct device *device, uint64_t at, uint64_t value)
{
	device_set(device, 0, at, value, 4);
}

/* An event fd is there for one of them, as a driver has it. */
static void raise_edu_irq(struct device *device, uint32_t bits)
{
	set(device, IRQ_STATUS, reg(device, IRQ_STATUS, 4) | bits);
	sim_irq_fire(device->sim, MSI, 0);
	sim_irq_fire(device->sim, INTX, 0);
}

/* 32 bits wide, as there. */
static void compute(struct device *device)
{
	uint32_t n = (uint32_t)reg(device, FACTORIAL, 4), value = 1;

	/* Once a factor of 2 was met 32 times, all bits have left. */
	for (uint32_t factor = 2; factor <= n && value; factor++)
		value *= factor;
	set(device, FACTORIAL, value);
	if (reg(device, STATUS, 4) & STATUS_IRQ)
		raise_edu_irq(device, IRQ_FACTORIAL);
}

/* A place in the buffer; NULL: some of it would be outside. */
static char *in_buffer(struct device *device, uint64_t at, uint64_t len)
{
	uint64_t offset = at - BUFFER;

	if (!device->buffer)
		device->buffer = calloc(1, BUFFER_SIZE);
	if (!device->buffer || at < BUFFER || offset > BUFFER_SIZE || len > BUFFER_SIZE - offset)
		return NULL;
	return device->buffer + offset;
}

/* What is not mapped is not moved, as the IOMMU would not let it pass; the device does not notice. */
static void copy(struct device *device, uint32_t command)
{
	uint64_t from = reg(device, SOURCE, 8), to = reg(device, DESTINATION, 8), len = reg(device, COUNT, 8);
	bool to_memory = command & TO_MEMORY;
	char *own = in_buffer(device, to_memory ? from : to, len);

	if (own && to_memory)
		sim_dma_write(device->sim, to & address_mask, own, len);
	else if (own && sim_dma_read(device->sim, from & address_mask, own, len) < 0)
		memset(own, 0xff, len);
	set(device, COMMAND, command & ~RUN);
	if (command & WITH_IRQ)
		raise_edu_irq(device, IRQ_DMA);
}

static void run_command(struct device *device)
{
	uint32_t command = (uint32_t)reg(device, COMMAND, 4);

	if (command & RUN)
		copy(device, command);
}

static void edu_wrote(struct device *device, uint32_t region, uint64_t offset, size_t len)
{
	(void)len;
	if (region != 0)
		return;
	switch (offset) {
	case ID:
		return set(device, ID, ID_VALUE);
	case LIVE:
		return set(device, LIVE, ~reg(device, LIVE, 4));
	case FACTORIAL:
		return compute(device);
	case IRQ_RAISE:
		return raise_edu_irq(device, (uint32_t)reg(device, IRQ_RAISE, 4));
	case IRQ_ACK:
		return set(device, IRQ_STATUS, reg(device, IRQ_STATUS, 4) & ~reg(device, IRQ_ACK, 4));
	case COMMAND:
		return run_command(device);
	}
}

static void edu_reset(struct device *device)
{
	free(device->buffer);
	device->buffer = NULL;
	set(device, ID, ID_VALUE);
}

static const struct sim_irq_description irqs[5] = {
	{ .flags = 7, .count = 1 }, { .flags = 9, .count = 1 }, { .flags = 9 }, { .error = EINVAL },
	{ .flags = 9, .count = 1 },
};

const struct device_kind device_edu = {
	.name = "edu",
	.vendor = 0x1234,
	.device = 0x11e8,
	.class = 0xff0010,
	.flags = 2,
	.regions = regions,
	.n_regions = 9,
	.irqs = irqs,
	.n_irqs = 5,
	.dma_buf = true,
	.low_power = true,
	.reset = edu_reset,
	.wrote = edu_wrote,
};
