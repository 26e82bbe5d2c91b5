/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nodes of /dev that are simulated, and whether a caller's path leads to one of them. */
#ifndef SIM_SUPERVISOR_NODES_H
#define SIM_SUPERVISOR_NODES_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "supervisor/call.h"
#include "topology/topology.h"

enum node_kind { NODE_IOMMU, NODE_CONTAINER /* /dev/vfio/vfio */, NODE_CDEV };

struct node {
	enum node_kind kind;
	char path[48]; /* below /dev; of a cdev that is gone, what its open files are called */
	dev_t rdev;    /* its number, as sysfs has it */
	struct topology_device *device; /* of a cdev */
	dev_t dev;     /* of what lies at its path: no other path leads there */
	ino_t ino;
	dev_t real;    /* the number that it has */
	bool is_leaving;       /* its driver was taken away, and waits for its open files */
	struct call unbinding; /* of who took it away, and waits, too */
};

static inline bool node_is_there(const struct node *node)
{
	return !node->device || *node->device->cdev;
}

struct nodes {
	struct node *list; /* of each device, at the place that it has in the topology, behind two others */
	size_t n;
	size_t leaving;
	char dev[PATH_MAX]; /* where they are */
	bool mounted;	    /* each of them, too */
};

/* What lies at their paths is not known yet. 0 or -errno. */
int nodes_init(struct nodes *nodes, struct topology *topology);
/* They lie below this directory: 0 or -errno. */
int nodes_find(struct nodes *nodes, const char *dev);
/* The device has a cdev now, of the lowest number that is free: 0 or -errno. Nothing of it is open. */
int nodes_show(struct nodes *nodes, struct node *node);
/* It has none any more. */
void nodes_hide(struct nodes *nodes, struct node *node);
void nodes_fini(struct nodes *nodes);

/* A path of a caller, at dirfd as openat() has it. NULL: none of ours. *st: what lies there. */
struct node *node_of_path(const struct nodes *nodes, pid_t tid, int dirfd, const char *path,
			  struct stat *st);

#endif
