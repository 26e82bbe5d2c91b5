/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nodes of /dev that are simulated, and whether a caller's path leads to one of them. */
#ifndef SIM_SUPERVISOR_NODES_H
#define SIM_SUPERVISOR_NODES_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "topology/topology.h"

enum node_kind { NODE_IOMMU, NODE_CONTAINER /* /dev/vfio/vfio */, NODE_CDEV };

struct node {
	enum node_kind kind;
	char path[40]; /* below /dev */
	dev_t rdev;    /* its number, as sysfs has it */
	struct topology_device *device; /* of a cdev */
	dev_t dev;     /* of what lies at its path: no other path leads there */
	ino_t ino;
};

struct nodes {
	struct node *list;
	size_t n;
};

/* One for each cdev, and two more; what lies there is not known yet. 0 or -errno. */
int nodes_init(struct nodes *nodes, struct topology *topology);
/* They lie below this directory: 0 or -errno. */
int nodes_find(struct nodes *nodes, const char *dev);
void nodes_fini(struct nodes *nodes);

/* A path of a caller, at dirfd as openat() has it. NULL: none of ours. *st: what lies there. */
struct node *node_of_path(const struct nodes *nodes, pid_t tid, int dirfd, const char *path,
			  struct stat *st);

#endif
