/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/device.h"
#include <errno.h>
#include <limits.h>
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

/* What is not set reads "(null)". */
static void read_override(struct machine_device *device)
{
	machine_read(IN_SYS, device->override, sizeof(device->override), "%s/driver_override", device->path);
	if (strcmp(device->override, "(null)") == 0)
		*device->override = '\0';
	device->override_exists = *device->override && machine_has_driver(device->bus, device->override);
}

bool machine_device_on(const char *bus, const char *address, struct machine_device *ret)
{
	char text[16];

	*ret = (struct machine_device){ .group = -1 };
	if (!*address || *address == '.' || strchr(address, '/') || strlen(address) >= sizeof(ret->address) ||
	    strlen(bus) >= sizeof(ret->bus))
		return false;
	strcpy(ret->bus, bus);
	strcpy(ret->address, address);
	snprintf(ret->path, sizeof(ret->path), "bus/%s/devices/%s", bus, address);
	if (!machine_has(IN_SYS, "%s", ret->path))
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

bool machine_device(const char *name, struct machine_device *ret)
{
	char lower[64] = "", full[80];

	if (strlen(name) >= sizeof(lower))
		return false;
	for (size_t i = 0; name[i]; i++)
		lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a') : name[i];
	snprintf(full, sizeof(full), "0000:%s", lower);
	if (machine_device_on("pci", lower, ret) || machine_device_on("pci", full, ret) ||
	    machine_device_on("mdev", lower, ret))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(buses); i++)
		if (machine_device_on(buses[i].bus, name, ret))
			return true;
	return false;
}

const char *machine_vfio_bus(size_t i)
{
	return i < ARRAY_SIZE(buses) ? buses[i].bus : NULL;
}

bool machine_bus_has_vfio(const char *bus)
{
	for (size_t i = 0; i < ARRAY_SIZE(buses); i++)
		if (strcmp(buses[i].bus, bus) == 0)
			return true;
	return false;
}

/* "0x8086"; 0: it is not there, or is no number. */
static unsigned int read_number(const struct machine_device *device, const char *attribute)
{
	char text[24];

	machine_read(IN_SYS, text, sizeof(text), "%s/%s", device->path, attribute);
	return (unsigned int)strtoul(text, NULL, 16);
}

/* What stands behind "KEY=" in lines of uevent; "": nothing. */
static const char *event_value(const char *text, const char *key)
{
	const char *at = text;

	while ((at = strstr(at, key)) && at != text && at[-1] != '\n')
		at++;
	return at ? at + strlen(key) : "";
}

bool machine_event_text(const char *text, const char *key, char *buf, size_t len)
{
	const char *value = event_value(text, key);
	size_t n = strcspn(value, "\n");

	*buf = '\0';
	if (n == 0 || n >= len)
		return false;
	memcpy(buf, value, n);
	buf[n] = '\0';
	return true;
}

bool machine_event_ids(const char *text, struct machine_ids *ret)
{
	return sscanf(event_value(text, "PCI_CLASS="), "%x", &ret->class) == 1 &&
	       sscanf(event_value(text, "PCI_ID="), "%hx:%hx", &ret->vendor, &ret->device) == 2 &&
	       sscanf(event_value(text, "PCI_SUBSYS_ID="), "%hx:%hx", &ret->subsystem_vendor,
		      &ret->subsystem_device) == 2;
}

/* One file has all of it: a list is long. */
static bool read_event(const struct machine_device *device, struct machine_ids *ret)
{
	char text[1024];

	machine_read(IN_SYS, text, sizeof(text), "%s/uevent", device->path);
	return machine_event_ids(text, ret);
}

bool machine_ids(const struct machine_device *device, struct machine_ids *ret)
{
	*ret = (struct machine_ids){ 0 };
	if (strcmp(device->bus, "pci") != 0)
		return false;
	if (read_event(device, ret))
		return true;
	*ret = (struct machine_ids){
		.vendor = (uint16_t)read_number(device, "vendor"),
		.device = (uint16_t)read_number(device, "device"),
		.subsystem_vendor = (uint16_t)read_number(device, "subsystem_vendor"),
		.subsystem_device = (uint16_t)read_number(device, "subsystem_device"),
		.class = read_number(device, "class"),
	};
	return ret->vendor || ret->class;
}

int machine_numa_node(const struct machine_device *device)
{
	char text[16], *end;
	long node;

	machine_read(IN_SYS, text, sizeof(text), "%s/numa_node", device->path);
	node = strtol(text, &end, 10);
	return *text && !*end && node >= 0 && node < INT_MAX ? (int)node : -1;
}

int machine_directory(const struct machine_device *device, char *buf, size_t len)
{
	return machine_link_directory(buf, len, "%s", device->path);
}

struct cdev {
	char *buf;
	size_t len;
};

static bool take_cdev(void *arg, const char *name)
{
	const struct cdev *cdev = arg;

	if (strlen(name) < cdev->len && (strncmp(name, "vfio", 4) == 0 || strncmp(name, "noiommu-vfio", 12) == 0))
		strcpy(cdev->buf, name);
	return !*cdev->buf;
}

bool machine_cdev(const struct machine_device *device, char *buf, size_t len)
{
	char path[sizeof(device->path) + 16];

	*buf = '\0';
	snprintf(path, sizeof(path), "%s/vfio-dev", device->path);
	machine_each(IN_SYS, path, take_cdev, &(struct cdev){ buf, len });
	return *buf;
}

bool machine_physical_function(const char *address, char *buf, size_t len)
{
	return machine_link_name(IN_SYS, buf, len, "bus/pci/devices/%s/physfn", address) == 0;
}
