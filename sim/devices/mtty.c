/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A serial port of software, as the kernel's sample mtty: what is written in loopback can be read, and an
 * interrupt tells of it. Reads are not seen here, so that a character stays until the next one comes.
 */
#include <errno.h>

#include "devices/kinds.h"
#include "devices/registers.h"

enum { DATA = 0, INTERRUPTS = 1, MODEM = 4, LINE_STATUS = 5 };
enum {
	INTERRUPT_DATA = 1 << 0, INTERRUPT_EMPTY = 1 << 1, LOOPBACK = 1 << 4,
	LINE_DATA = 1 << 0, LINE_EMPTY = 0x60,
	INTX = 0, MSI = 1,
};
enum { MIGRATES = 7 }; /* STOP_COPY, P2P, PRE_COPY */

static void raise_mtty_irq(struct device *device, uint64_t which)
{
	if (!(device_get(device, 0, INTERRUPTS, 1) & which))
		return;
	sim_irq_fire(device->sim, MSI, 0);
	sim_irq_fire(device->sim, INTX, 0);
}

static void mtty_wrote(struct device *device, uint32_t region, uint64_t offset, size_t len)
{
	(void)len;
	if (region != 0 || offset != DATA)
		return;
	if (device_get(device, 0, MODEM, 1) & LOOPBACK) {
		device_set(device, 0, LINE_STATUS, LINE_EMPTY | LINE_DATA, 1);
		raise_mtty_irq(device, INTERRUPT_DATA);
	}
	raise_mtty_irq(device, INTERRUPT_EMPTY);
}

static void mtty_reset(struct device *device)
{
	device_set(device, 0, LINE_STATUS, LINE_EMPTY, 1);
}

enum { RW = SIM_REGION_READ | SIM_REGION_WRITE };

static const struct sim_region_description regions[9] = {
	[0] = { RW, 8 }, [1 ... DEVICE_CONFIG - 1] = { RW, 0 }, [DEVICE_CONFIG] = { RW, 255 },
	[DEVICE_VGA] = { RW, 0 },
};

/* What a stream of its state begins with: a magic number, a version, one port. */
static const unsigned char state_header[24] = {
	0x4e, 0x2c, 0x3e, 0x8c, 0x89, 0x09, 0x9d, 0x7e, 1, [16] = 1,
};

static const struct sim_irq_description irqs[5] = {
	{ .flags = 7, .count = 1 }, { .flags = 9, .count = 1 }, { .error = EINVAL }, { .error = EINVAL },
	{ .error = EINVAL },
};

const struct device_kind device_mtty = {
	.name = "mtty",
	.vendor = 0x4348,
	.device = 0x3253,
	.class = 0x070002,
	.flags = 2,
	.regions = regions,
	.n_regions = 9,
	.irqs = irqs,
	.n_irqs = 5,
	.migration = MIGRATES,
	.info_first = true,
	.state_header = state_header,
	.state_header_size = sizeof(state_header),
	.state_size = 36,
	.dma_logging = true,
	.reset = mtty_reset,
	.wrote = mtty_wrote,
};
