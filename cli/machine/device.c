/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/device.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/files.h"
#include "util/number.h"

static const struct {
	char bus[12], vfio_driver[16];
} buses[] = {
	{ "pci", "vfio-pci" }, { "mdev", "" }, { "platform", "vfio-platform" }, { "amba", "vfio-amba" },
	{ "fsl-mc", "vfio-fsl-mc" }, { "cdx", "vfio-cdx" }, { "ap", "" }, { "css", "" },
};

const char *machine_vfio_driver(const char *bus)
{
	for (size_t i = 0; i < ARRAY_SIZE(buses); i++)
		if (strcmp(buses[i].bus, bus) == 0 && *buses[i].vfio_driver)
			return buses[i].vfio_driver;
	return NULL;
}

int machine_cdev_numbers(const char *name, char *buf, size_t len)
{
	return machine_read(IN_SYS, buf, len, "class/vfio-dev/%s/dev", name);
}

bool machine_has_driver(const char *bus, const char *driver)
{
	return machine_has(IN_SYS, "bus/%s/drivers/%s", bus, driver);
}

static bool find_on_bus(const char *bus, const char *domain, const char *name, struct machine_device *device)
{
	snprintf(device->bus, sizeof(device->bus), "%s", bus);
	snprintf(device->address, sizeof(device->address), "%s%s", domain, name);
	return snprintf(device->path, sizeof(device->path), "bus/%s/devices/%s", bus, device->address) <
		       (int)sizeof(device->path) &&
	       machine_has(IN_SYS, "%s", device->path);
}

static bool find_device(const char *name, struct machine_device *device)
{
	char lower[64] = "";

	if (strlen(name) >= sizeof(lower) || *name == '.' || strchr(name, '/'))
		return false;
	for (size_t i = 0; name[i]; i++)
		lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a') : name[i];
	if (find_on_bus("pci", "", lower, device) || find_on_bus("pci", "0000:", lower, device) ||
	    find_on_bus("mdev", "", lower, device))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(buses); i++)
		if (find_on_bus(buses[i].bus, "", name, device))
			return true;
	return false;
}

/* What is not set reads "(null)". */
static void read_override(struct machine_device *device)
{
	machine_read(IN_SYS, device->override, sizeof(device->override), "%s/driver_override", device->path);
	if (strcmp(device->override, "(null)") == 0)
		*device->override = '\0';
	device->override_exists = *device->override && machine_has_driver(device->bus, device->override);
}

bool machine_device(const char *name, struct machine_device *ret)
{
	char text[16];

	*ret = (struct machine_device){ .group = -1 };
	if (!find_device(name, ret))
		return false;
	machine_link_name(IN_SYS, ret->driver, sizeof(ret->driver), "%s/driver", ret->path);
	read_override(ret);
	ret->is_vfio = machine_has(IN_SYS, "%s/vfio-dev", ret->path);
	machine_read(IN_SYS, text, sizeof(text), "%s/class", ret->path);
	ret->is_bridge = strcmp(ret->bus, "pci") == 0 && strncmp(text, "0x0604", 6) == 0;
	if (machine_link_name(IN_SYS, text, sizeof(text), "%s/iommu_group", ret->path) == 0)
		ret->group = atoi(text);
	return true;
}

bool machine_physical_function(const char *address, char *buf, size_t len)
{
	return machine_link_name(IN_SYS, buf, len, "bus/pci/devices/%s/physfn", address) == 0;
}
