/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/config.h"
#include <string.h>

#include "devices/registers.h"

enum {
	VENDOR = 0x00, DEVICE = 0x02, COMMAND = 0x04, STATUS = 0x06, CLASS = 0x09, BAR_0 = 0x10,
	SUBSYSTEM_VENDOR = 0x2c, SUBSYSTEM = 0x2e, CAPABILITIES = 0x34, LINE = 0x3c, PIN = 0x3d, MSI = 0x40,
	BARS = 6,
};

enum {
	COMMAND_WRITABLE = 0x0547, /* I/O, memory, bus master, parity, SERR, no INTx */
	STATUS_CAPABILITIES = 1 << 4,
	MSI_ID = 5,
	MSI_64_BIT = 1 << 7,
	INTX = 0, MSI_INDEX = 1,
};

static void put(uint8_t *at, uint32_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get(const uint8_t *at, size_t len)
{
	uint32_t value = 0;

	for (size_t i = 0; i < len; i++)
		value |= (uint32_t)at[i] << (8 * i);
	return value;
}

static bool has_irq(const struct device *device, uint32_t index)
{
	return device->kind->irqs && index < device->kind->n_irqs && device->kind->irqs[index].count;
}

void config_fill(const struct device *device, uint8_t config[DEVICE_CONFIG_SIZE])
{
	memset(config, 0, DEVICE_CONFIG_SIZE);
	put(config + VENDOR, device->vendor, 2);
	put(config + DEVICE, device->device, 2);
	put(config + CLASS, device->class, 3);
	put(config + PIN, has_irq(device, INTX), 1);
	if (!has_irq(device, MSI_INDEX))
		return;
	put(config + STATUS, STATUS_CAPABILITIES, 2);
	put(config + CAPABILITIES, MSI, 1);
	put(config + MSI, MSI_ID, 1);
	put(config + MSI + 2, MSI_64_BIT, 2);
}

static void store(struct device *device)
{
	for (size_t i = 0; i < sizeof(device->config); i += 8) {
		uint64_t bytes;

		memcpy(&bytes, device->config + i, sizeof(bytes));
		device_set(device, DEVICE_CONFIG, i, bytes, sizeof(bytes));
	}
}

static void load(const struct device *device, uint8_t config[DEVICE_CONFIG_SIZE])
{
	for (size_t i = 0; i < DEVICE_CONFIG_SIZE; i += 8) {
		uint64_t bytes = device_get(device, DEVICE_CONFIG, i, sizeof(bytes));

		memcpy(config + i, &bytes, sizeof(bytes));
	}
}

void config_reset(struct device *device)
{
	config_fill(device, device->config);
	store(device);
}

/* Address bits below a region's size read 0: that is how its size is found. */
static uint32_t bar(const struct device *device, uint32_t index, uint32_t written)
{
	uint64_t size = index < device->n_regions ? device->regions[index].size : 0;

	return size && size <= UINT32_MAX ? written & ~((uint32_t)size - 1) : 0;
}

void config_wrote(struct device *device)
{
	uint8_t now[DEVICE_CONFIG_SIZE];

	load(device, now);
	put(device->config + COMMAND, get(now + COMMAND, 2) & COMMAND_WRITABLE, 2);
	put(device->config + LINE, get(now + LINE, 1), 1);
	for (uint32_t i = 0; i < BARS; i++)
		put(device->config + BAR_0 + 4 * i, bar(device, i, get(now + BAR_0 + 4 * i, 4)), 4);
	store(device);
}
