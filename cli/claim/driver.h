/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which driver a device is to have, and whether this kernel has it. */
#ifndef CLI_CLAIM_DRIVER_H
#define CLI_CLAIM_DRIVER_H

#include "machine/device.h"

struct claim_driver {
	char name[64];	 /* "vfio-pci"; of a module that is not loaded what it is called itself */
	char module[64]; /* that has to be loaded first; empty: none, the kernel has the driver */
	bool is_plain;	 /* nobody could be asked for a better one: there is no libkmod */
};

/*
 * Choose one: wanted, or where that is NULL the best that there is for the device. 0, or -errno. -EOPNOTSUPP:
 * its bus has no driver of VFIO; -ENOTUNIQ: several modules are made for it; -ENOENT: there is no such
 * driver, and no module of this name; -ELIBACC: none, and there is no libkmod to load one with. ret->name is
 * the one that is meant.
 */
int driver_choose(const struct machine_device *device, const char *wanted, struct claim_driver *ret);
/* Load its module, where it has one, and see that the driver is there. 0, or -errno. */
int driver_load(const struct machine_device *device, struct claim_driver *driver);

#endif
