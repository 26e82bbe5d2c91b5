/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directories of a machine, as sysfs and /dev have them: links, and files with what the kernel writes
 * there.
 */
#ifndef SIM_TOPOLOGY_TREE_H
#define SIM_TOPOLOGY_TREE_H

#include "topology/topology.h"

enum { TREE_MISC_MAJOR = 10, TREE_IOMMU_MINOR = 258, TREE_CONTAINER_MINOR = 196, TREE_CDEV_MAJOR = 250 };

/* Below an existing directory: 0 or -errno. */
int tree_make_sysfs(const struct topology *topology, const char *root);

#endif
