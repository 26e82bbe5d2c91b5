/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device nodes below /dev, as they lie there: what they are, and whose. */
#ifndef CLI_MACHINE_NODE_H
#define CLI_MACHINE_NODE_H

#include <stdbool.h>
#include <sys/types.h>

struct machine_node {
	char path[256]; /* "/dev/iommu" */
	bool exists, is_device, is_file; /* a character device, a regular file */
	bool is_mounted; /* from another file system than the directory is of */
	dev_t rdev;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	bool opens; /* this process may read and write it, by its rights */
};

/* By its name below /dev, "vfio/devices/vfio0", or its full path. Links are followed. What is not there is no node. */
void machine_node(const char *name, struct machine_node *ret);

typedef char rights_text[48];
/* "0660 root:107" */
const char *node_rights(rights_text text, const struct machine_node *node);

#endif
