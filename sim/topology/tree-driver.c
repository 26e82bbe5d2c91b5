/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topology/tree-driver.h"
#include <stdio.h>
#include <string.h>

#include "topology/driver.h"
#include "topology/tree.h"

bool tree_is_pci(const struct topology_device *device)
{
	return device->description.kind == SIM_PHYSICAL;
}

int tree_bus_length(const char *address)
{
	return (int)(strcspn(address, ":") + strlen(":00"));
}

const char *tree_device(const struct topology_device *device, tree_path path)
{
	const char *model = device->device.kind->name, *bridge = device->parent, *address = device->address;

	if (!tree_is_pci(device))
		return tree_print(path, "devices/virtual/%s/%s/%s", model, model, address);
	if (!*bridge)
		return tree_print(path, "devices/pci%.*s/%s", tree_bus_length(address), address, address);
	return tree_print(path, "devices/pci%.*s/%s/%s", tree_bus_length(bridge), bridge, bridge, address);
}

/* --- the driver --- */

static const char *driver_of(const struct topology_device *device, tree_path path)
{
	return tree_print(path, "bus/%s/drivers/%s", tree_is_pci(device) ? "pci" : "mdev", device->driver);
}

void tree_make_driver(struct tree *tree, const char *bus, const char *name)
{
	tree_path driver;

	tree_print(driver, "bus/%s/drivers/%s", bus, name);
	tree_dir(tree, driver);
	if (strcmp(bus, "pci") != 0)
		return;
	tree_attribute(tree, driver, "bind", 0200);
	tree_attribute(tree, driver, "unbind", 0200);
}

bool tree_has_driver(struct tree *tree, const char *bus, const char *name)
{
	tree_path driver;

	return *name && !strchr(name, '/') && *name != '.' &&
	       tree_has(tree, tree_print(driver, "bus/%s/drivers/%s", bus, name));
}

enum { NETWORK = 0x02 };

/* What the driver of a network card makes of it. */
static bool has_interface(const struct topology_device *device)
{
	return tree_is_pci(device) && device->device.class >> 16 == NETWORK &&
	       driver_kind(device) == SIM_DRIVER_OTHER;
}

/* "enp1s0", which is down */
static const char *interface_of(const struct topology_device *device, tree_path path)
{
	unsigned int bus = 0, slot = 0;
	tree_path dir;

	sscanf(device->address, "%*x:%x:%x", &bus, &slot);
	return tree_print(path, "%.3000s/net/enp%us%u", tree_device(device, dir), bus, slot);
}

static void add_interface(struct tree *tree, const struct topology_device *device)
{
	tree_path own, dir, path;

	interface_of(device, own);
	tree_link(tree, tree_print(path, "%.3000s/subsystem", own), "class/net");
	tree_link(tree, tree_print(path, "%.3000s/device", own), tree_device(device, dir));
	tree_text(tree, own, "flags", "0x1002\n");
	tree_text(tree, own, "operstate", "down\n");
}

/* The directory above it, too. */
static void remove_directory(struct tree *tree, char *own, const char *const *names)
{
	tree_path path;

	for (; *names; names++)
		tree_unlink(tree, tree_print(path, "%.3000s/%s", own, *names));
	tree_unlink(tree, own);
	*strrchr(own, '/') = '\0';
	tree_unlink(tree, own);
}

static void remove_interface(struct tree *tree, const struct topology_device *device)
{
	static const char *const names[] = { "subsystem", "device", "flags", "operstate", NULL };
	tree_path own;

	interface_of(device, own);
	remove_directory(tree, own, names);
}

void tree_add_driver(struct tree *tree, const struct topology_device *device)
{
	tree_path driver, dir, path;

	driver_of(device, driver);
	tree_device(device, dir);
	tree_make_driver(tree, tree_is_pci(device) ? "pci" : "mdev", device->driver);
	tree_link(tree, tree_print(path, "%.3000s/driver", dir), driver);
	tree_link(tree, tree_print(path, "%.3000s/%s", driver, device->address), dir);
	if (has_interface(device))
		add_interface(tree, device);
}

void tree_remove_driver(struct tree *tree, const struct topology_device *device)
{
	tree_path driver, dir, path;

	tree_unlink(tree, tree_print(path, "%.3000s/driver", tree_device(device, dir)));
	tree_unlink(tree, tree_print(path, "%.3000s/%s", driver_of(device, driver), device->address));
	if (has_interface(device))
		remove_interface(tree, device);
}

void tree_set_override(struct tree *tree, const struct topology_device *device)
{
	tree_path dir;

	tree_text(tree, tree_device(device, dir), "driver_override", "%s\n",
		  *device->override ? device->override : "(null)");
}

/* --- the cdev --- */

static const char *cdev_of(const struct topology_device *device, tree_path path)
{
	tree_path dir;

	return tree_print(path, "%.3000s/vfio-dev/%s", tree_device(device, dir), device->cdev);
}

void tree_add_cdev(struct tree *tree, const struct topology_device *device)
{
	unsigned int minor = driver_cdev_number(device);
	tree_path own, dir, path;

	cdev_of(device, own);
	tree_link(tree, tree_print(path, "%.3000s/subsystem", own), "class/vfio-dev");
	tree_link(tree, tree_print(path, "%.3000s/device", own), tree_device(device, dir));
	tree_text(tree, own, "dev", "%d:%u\n", TREE_CDEV_MAJOR, minor);
	tree_text(tree, own, "uevent", "MAJOR=%d\nMINOR=%u\nDEVNAME=vfio/devices/%s\n", TREE_CDEV_MAJOR, minor,
		  device->cdev);
	tree_link(tree, tree_print(path, "class/vfio-dev/%s", device->cdev), own);
	tree_add_number(tree, device, TREE_CDEV_MAJOR, minor);
}

void tree_remove_cdev(struct tree *tree, const struct topology_device *device)
{
	static const char *const names[] = { "subsystem", "device", "dev", "uevent", NULL };
	tree_path own, path;

	tree_remove_number(tree, TREE_CDEV_MAJOR, driver_cdev_number(device));
	tree_unlink(tree, tree_print(path, "class/vfio-dev/%s", device->cdev));
	cdev_of(device, own);
	remove_directory(tree, own, names);
}

static const char *number_of(unsigned int major, unsigned int minor, tree_path path)
{
	return tree_print(path, "dev/char/%u:%u", major, minor);
}

void tree_add_number(struct tree *tree, const struct topology_device *device, unsigned int major,
		     unsigned int minor)
{
	tree_path path, own;

	tree_link(tree, number_of(major, minor, path), cdev_of(device, own));
}

void tree_remove_number(struct tree *tree, unsigned int major, unsigned int minor)
{
	tree_path path;

	tree_unlink(tree, number_of(major, minor, path));
}
