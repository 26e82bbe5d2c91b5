/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCI configuration space: region 7. */
#ifndef SIM_DEVICES_CONFIG_H
#define SIM_DEVICES_CONFIG_H

#include "devices/device.h"

/* After power on. */
void config_reset(struct device *device);
/* Bytes of it were written: those that cannot be written are as before. */
void config_wrote(struct device *device);
/* What it is after power on, for sysfs. */
void config_fill(const struct device *device, uint8_t config[DEVICE_CONFIG_SIZE]);

#endif
