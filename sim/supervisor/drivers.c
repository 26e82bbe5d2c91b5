/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/drivers.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "topology/driver.h"
#include "topology/tree-driver.h"

enum { BRIDGE = 0x0604 };

static bool matches(const struct topology_device *device, const char *name)
{
	return *name && strcmp(*device->override ? device->override : device->native, name) == 0;
}

static bool is_vfio(const char *name)
{
	return strstr(name, "vfio");
}

/* What the driver's own probe says. */
static int try(const struct topology_device *device, const char *name)
{
	if (is_vfio(name))
		return device->description.iommu && device->device.class >> 8 != BRIDGE ? 0 : -EINVAL;
	return strcmp(name, device->native) == 0 || strcmp(name, "pci-stub") == 0 ? 0 : -ENODEV;
}

static int add_cdev(const struct drivers *drivers, struct tree *tree, struct node *node)
{
	int rc = nodes_show(drivers->nodes, node);

	if (rc < 0)
		return rc;
	tree_add_cdev(tree, node->device);
	if (node->real)
		tree_add_number(tree, node->device, major(node->real), minor(node->real));
	return tree->rc;
}

static int attach(const struct drivers *drivers, struct node *node, const char *name)
{
	struct topology_device *device = node->device;
	struct tree tree = { .root = drivers->sys };
	int rc = try(device, name);

	if (rc < 0)
		return rc;
	snprintf(device->driver, sizeof(device->driver), "%s", name);
	rc = sim_device_set_driver(device->device.sim, driver_kind(device));
	if (rc < 0) {
		*device->driver = '\0';
		return rc;
	}
	tree_add_driver(&tree, device);
	return is_vfio(name) ? add_cdev(drivers, &tree, node) : tree.rc;
}

/* The node and the links go at once, whoever has it open. */
static void detach(const struct drivers *drivers, struct node *node)
{
	struct topology_device *device = node->device;
	struct tree tree = { .root = drivers->sys };

	tree_remove_driver(&tree, device);
	if (*device->cdev) {
		if (node->real)
			tree_remove_number(&tree, major(node->real), minor(node->real));
		tree_remove_cdev(&tree, device);
		nodes_hide(drivers->nodes, node);
	}
	*device->driver = '\0';
}

int drivers_override(const struct drivers *drivers, struct node *node, const char *name)
{
	struct tree tree = { .root = drivers->sys };

	snprintf(node->device->override, sizeof(node->device->override), "%s", name);
	tree_set_override(&tree, node->device);
	return tree.rc;
}

int drivers_probe(const struct drivers *drivers, struct node *node)
{
	const struct topology_device *device = node->device;
	const char *name = *device->override ? device->override : device->native;
	struct tree tree = { .root = drivers->sys };

	if (!node->is_leaving && !*device->driver && tree_has_driver(&tree, "pci", name))
		attach(drivers, node, name);
	return 0;
}

int drivers_bind(const struct drivers *drivers, struct node *node, const char *name)
{
	if (!matches(node->device, name))
		return -ENODEV;
	return *node->device->driver || node->is_leaving ? -EBUSY : attach(drivers, node, name);
}

int drivers_unbind(const struct drivers *drivers, struct node *node, const char *name)
{
	if (!*node->device->driver || strcmp(node->device->driver, name) != 0)
		return -ENODEV;
	detach(drivers, node);
	return sim_device_set_driver(node->device->device.sim, SIM_DRIVER_NONE);
}

bool drivers_leave(struct node *node)
{
	return sim_device_set_driver(node->device->device.sim, SIM_DRIVER_NONE) == 0;
}
