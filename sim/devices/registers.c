/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/registers.h"
#include <unistd.h>

uint64_t region_at(const struct device *device, uint32_t index, uint64_t offset)
{
	const struct sim_region_description *region = &device->regions[index];

	return (region->has_offset ? region->offset : (uint64_t)index << DEVICE_REGION_SHIFT) + offset;
}

uint64_t device_get(const struct device *device, uint32_t region, uint64_t offset, size_t len)
{
	uint64_t value = 0;

	if (pread(device->memory, &value, len, (off_t)region_at(device, region, offset)) != (ssize_t)len)
		return 0;
	return value;
}

/* The file is of memory: it fails only where there is none left, and a register then keeps its value. */
void device_set(const struct device *device, uint32_t region, uint64_t offset, uint64_t value, size_t len)
{
	if (pwrite(device->memory, &value, len, (off_t)region_at(device, region, offset)) != (ssize_t)len)
		return;
}
