/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of devices that there are: a file each. */
#ifndef SIM_DEVICES_KINDS_H
#define SIM_DEVICES_KINDS_H

#include "devices/device.h"

extern const struct device_kind device_edu;	/* QEMU's: copies through its mappings when told to */
extern const struct device_kind device_mtty;	/* a serial port of software, that migrates */
extern const struct device_kind device_mdpy;	/* a display of software */
extern const struct device_kind device_testdev; /* QEMU's pci-testdev: registers that do nothing */
extern const struct device_kind device_plain;	/* registers that do nothing, as a topology has them */

/* NULL: there is none of this name. */
const struct device_kind *device_kind_find(const char *name);
/* By place: NULL after the last one. */
const struct device_kind *device_kind_at(size_t at);

#endif
