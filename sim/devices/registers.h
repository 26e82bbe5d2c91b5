/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where regions lie in a device's file, and what is in them. */
#ifndef SIM_DEVICES_REGISTERS_H
#define SIM_DEVICES_REGISTERS_H

#include "devices/device.h"

/* A place of a region in the file. */
uint64_t region_at(const struct device *device, uint32_t index, uint64_t offset);
/* What cannot be read reads 0. */
uint64_t device_get(const struct device *device, uint32_t region, uint64_t offset, size_t len);
void device_set(const struct device *device, uint32_t region, uint64_t offset, uint64_t value, size_t len);

#endif
