/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a device in sysfs comes and goes with its driver. All are below the tree's root. */
#ifndef SIM_TOPOLOGY_TREE_DRIVER_H
#define SIM_TOPOLOGY_TREE_DRIVER_H

#include <stdbool.h>

#include "topology/topology.h"
#include "topology/tree-file.h"

bool tree_is_pci(const struct topology_device *device);
/* How much of an address is its domain and bus: "0000:00". */
int tree_bus_length(const char *address);
/* "devices/pci0000:00/0000:00:06.0/0000:02:00.0": below its bridge, if it has one. */
const char *tree_device(const struct topology_device *device, tree_path path);

/* The links between a device and its driver, which is there from the first one on. */
void tree_add_driver(struct tree *tree, const struct topology_device *device);
void tree_remove_driver(struct tree *tree, const struct topology_device *device);
/* Of a bus, without a device. */
void tree_make_driver(struct tree *tree, const char *bus, const char *name);
bool tree_has_driver(struct tree *tree, const char *bus, const char *name);

/* "(null)" where there is none */
void tree_set_override(struct tree *tree, const struct topology_device *device);

/* Its cdev, as device->cdev has it. */
void tree_add_cdev(struct tree *tree, const struct topology_device *device);
void tree_remove_cdev(struct tree *tree, const struct topology_device *device);
/* Another number of the cdev's node, by which sysfs finds it, too. */
void tree_add_number(struct tree *tree, const struct topology_device *device, unsigned int major,
		     unsigned int minor);
void tree_remove_number(struct tree *tree, unsigned int major, unsigned int minor);

#endif
