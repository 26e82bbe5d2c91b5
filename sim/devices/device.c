/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/device.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/config.h"
#include "devices/registers.h"

static bool is_inside(const struct device *device, uint32_t index, uint64_t offset, size_t len)
{
	const struct sim_region_description *region = &device->regions[index];

	return index < device->n_regions && offset <= region->size && len <= region->size - offset;
}

/* The region in which these bytes of the file lie; n_regions: none. */
static uint32_t find_region(const struct device *device, uint64_t at, size_t len)
{
	uint32_t i = 0;

	while (i < device->n_regions && !(device->regions[i].size && at >= region_at(device, i, 0) &&
					  is_inside(device, i, at - region_at(device, i, 0), len)))
		i++;
	return i;
}

int device_write(struct device *device, uint64_t at, const void *bytes, size_t len)
{
	uint32_t index = find_region(device, at, len);

	if (device->memory < 0 || index == device->n_regions ||
	    !(device->regions[index].flags & SIM_REGION_WRITE))
		return -EINVAL;
	if (pwrite(device->memory, bytes, len, (off_t)at) != (ssize_t)len)
		return -EFAULT;
	if (index == DEVICE_CONFIG)
		config_wrote(device);
	else if (device->kind->wrote)
		device->kind->wrote(device, index, at - region_at(device, index, 0), len);
	return 0;
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Before that the file is empty, so that nothing can be read; it ends with its last region. */
static int make_regions(const struct device *device)
{
	uint64_t end = 0;

	for (uint32_t i = 0; i < device->n_regions; i++)
		if (device->regions[i].size)
			end = max(end, region_at(device, i, device->regions[i].size));
	return ftruncate(device->memory, 0) < 0 || ftruncate(device->memory, (off_t)end) < 0 ? -errno : 0;
}

static int reset_device(void *data)
{
	struct device *device = data;
	int rc = make_regions(device);

	if (rc < 0)
		return rc;
	config_reset(device);
	if (device->kind->reset)
		device->kind->reset(device);
	return 0;
}

static void close_device(void *data)
{
	struct device *device = data;

	free(device->buffer);
	device->buffer = NULL;
	device->memory = -1;
}

static int move_region(void *data, uint32_t index, uint64_t offset, void *bytes, size_t len, bool write)
{
	struct device *device = data;
	ssize_t n;

	if (!is_inside(device, index, offset, len))
		return -EINVAL;
	if (write)
		return device_write(device, region_at(device, index, offset), bytes, len);
	n = pread(device->memory, bytes, len, (off_t)region_at(device, index, offset));
	return n == (ssize_t)len ? 0 : -EFAULT;
}

/* What a device that migrates keeps: its first region, and nothing for the rest of what the kernel's has. */
static int save_state(void *data, void *state)
{
	struct device *device = data;

	memset(state, 0, device->kind->state_size);
	return move_region(device, 0, 0, state, device->regions[0].size, false);
}

static int load_state(void *data, const void *state)
{
	const struct device *device = data;
	size_t len = device->regions[0].size;
	off_t at = (off_t)region_at(device, 0, 0);

	return pwrite(device->memory, state, len, at) == (ssize_t)len ? 0 : -EFAULT;
}

const struct sim_device_ops device_ops = {
	.open = reset_device,
	.close = close_device,
	.reset = reset_device,
	.region = move_region,
	.save = save_state,
	.load = load_state,
};
