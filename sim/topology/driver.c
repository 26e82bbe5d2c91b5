/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topology/driver.h"
#include <stdlib.h>
#include <string.h>

enum sim_driver driver_kind(const struct topology_device *device)
{
	if (device->description.kind == SIM_EMULATED || strstr(device->driver, "vfio"))
		return SIM_DRIVER_VFIO;
	if (!*device->driver || strcmp(device->driver, "pcieport") == 0 || strcmp(device->driver, "pci-stub") == 0)
		return SIM_DRIVER_NONE;
	return SIM_DRIVER_OTHER;
}

unsigned int driver_cdev_number(const struct topology_device *device)
{
	return (unsigned int)strtoul(device->cdev + strlen("vfio"), NULL, 10);
}
