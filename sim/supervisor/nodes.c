/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/nodes.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "topology/tree.h"

static void add(struct nodes *nodes, enum node_kind kind, const char *path, dev_t rdev,
		struct topology_device *device)
{
	struct node *node = &nodes->list[nodes->n++];

	*node = (struct node){ .kind = kind, .rdev = rdev, .device = device };
	snprintf(node->path, sizeof(node->path), "%s", path);
}

int nodes_init(struct nodes *nodes, struct topology *topology)
{
	unsigned int minor = 0;
	char path[40];

	*nodes = (struct nodes){ calloc(topology->n_devices + 2, sizeof(*nodes->list)), 0 };
	if (!nodes->list)
		return -ENOMEM;
	add(nodes, NODE_IOMMU, "iommu", makedev(TREE_MISC_MAJOR, TREE_IOMMU_MINOR), NULL);
	add(nodes, NODE_CONTAINER, "vfio/vfio", makedev(TREE_MISC_MAJOR, TREE_CONTAINER_MINOR), NULL);
	for (size_t i = 0; i < topology->n_devices; i++) {
		struct topology_device *device = &topology->devices[i];

		if (!*device->cdev)
			continue;
		snprintf(path, sizeof(path), "vfio/devices/%s", device->cdev);
		add(nodes, NODE_CDEV, path, makedev(TREE_CDEV_MAJOR, minor++), device);
	}
	return 0;
}

int nodes_find(struct nodes *nodes, const char *dev)
{
	char path[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < nodes->n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dev, nodes->list[i].path);
		if (stat(path, &st) < 0)
			return -errno;
		nodes->list[i].dev = st.st_dev;
		nodes->list[i].ino = st.st_ino;
	}
	return 0;
}

void nodes_fini(struct nodes *nodes)
{
	free(nodes->list);
}

/* Where no mounts could be made the usual paths lead nowhere, and are known by their text. */
static struct node *find_text(const struct nodes *nodes, const char *path)
{
	if (strncmp(path, "/dev/", 5) != 0)
		return NULL;
	for (size_t i = 0; i < nodes->n; i++)
		if (strcmp(nodes->list[i].path, path + 5) == 0)
			return &nodes->list[i];
	return NULL;
}

/* As the caller sees it, who may have another root. */
static int look(pid_t tid, int dirfd, const char *path, struct stat *st)
{
	char full[PATH_MAX + 64];

	if (*path == '/')
		snprintf(full, sizeof(full), "/proc/%d/root%s", (int)tid, path);
	else if (dirfd == AT_FDCWD)
		snprintf(full, sizeof(full), "/proc/%d/cwd/%s", (int)tid, path);
	else
		snprintf(full, sizeof(full), "/proc/%d/fd/%d/%s", (int)tid, dirfd, path);
	return stat(full, st);
}

struct node *node_of_path(const struct nodes *nodes, pid_t tid, int dirfd, const char *path, struct stat *st)
{
	*st = (struct stat){ .st_mode = 0600, .st_uid = geteuid(), .st_gid = getegid() };
	if (look(tid, dirfd, path, st) < 0)
		return find_text(nodes, path);
	for (size_t i = 0; i < nodes->n; i++)
		if (nodes->list[i].ino == st->st_ino && nodes->list[i].dev == st->st_dev)
			return &nodes->list[i];
	return NULL;
}
