/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of devices that there are: a file each. */
#ifndef SIM_DEVICES_KINDS_H
#define SIM_DEVICES_KINDS_H

#include "devices/device.h"

extern const struct device_kind device_edu;	/* QEMU's: copies through its mappings when told to */
extern const struct device_kind device_mtty;	/* a serial port of software, that migrates */
extern const struct device_kind device_mdpy;	/* a display of software */
extern const struct device_kind device_testdev; /* QEMU's pci-testdev: registers that do nothing */
extern const struct device_kind device_plain;	/* registers that do nothing, of sizes that a topology names */

#endif
