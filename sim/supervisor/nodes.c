/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/nodes.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "supervisor/ptys.h"
#include "topology/driver.h"
#include "topology/tree-file.h"
#include "topology/tree.h"

static struct node *add(struct nodes *nodes, enum node_kind kind, const char *path, dev_t rdev)
{
	struct node *node = &nodes->list[nodes->n++];

	*node = (struct node){ .kind = kind, .rdev = rdev };
	snprintf(node->path, sizeof(node->path), "%s", path);
	return node;
}

/* As its device's cdev is called, if it has one. */
static void name_node(struct node *node)
{
	if (!node_is_there(node))
		return;
	snprintf(node->path, sizeof(node->path), "vfio/devices/%s", node->device->cdev);
	node->rdev = makedev(TREE_CDEV_MAJOR, driver_cdev_number(node->device));
}

int nodes_init(struct nodes *nodes, struct topology *topology)
{
	*nodes = (struct nodes){ .list = calloc(topology->n_devices + 2, sizeof(*nodes->list)) };
	if (!nodes->list)
		return -ENOMEM;
	add(nodes, NODE_IOMMU, "iommu", makedev(TREE_MISC_MAJOR, TREE_IOMMU_MINOR));
	add(nodes, NODE_CONTAINER, "vfio/vfio", makedev(TREE_MISC_MAJOR, TREE_CONTAINER_MINOR));
	for (size_t i = 0; i < topology->n_devices; i++) {
		struct node *node = add(nodes, NODE_CDEV, "", 0);

		node->device = &topology->devices[i];
		name_node(node);
	}
	return 0;
}

static int find(const struct nodes *nodes, struct node *node)
{
	struct stat st;
	tree_path path;

	if (stat(tree_print(path, "%.3000s/%s", nodes->dev, node->path), &st) < 0)
		return -errno;
	node->dev = st.st_dev;
	node->ino = st.st_ino;
	node->real = st.st_rdev;
	return 0;
}

int nodes_find(struct nodes *nodes, const char *dev)
{
	int rc = 0;

	snprintf(nodes->dev, sizeof(nodes->dev), "%s", dev);
	for (size_t i = 0; rc == 0 && i < nodes->n; i++)
		if (node_is_there(&nodes->list[i]))
			rc = find(nodes, &nodes->list[i]);
	return rc;
}

/* --- while the machine runs --- */

static bool is_taken(const struct nodes *nodes, const char *cdev)
{
	for (size_t i = 0; i < nodes->n; i++)
		if (nodes->list[i].device && strcmp(nodes->list[i].device->cdev, cdev) == 0)
			return true;
	return false;
}

static void number_cdev(const struct nodes *nodes, struct topology_device *device)
{
	char cdev[sizeof(device->cdev)];
	unsigned int number = 0;

	do
		snprintf(cdev, sizeof(cdev), "vfio%u", number++);
	while (is_taken(nodes, cdev));
	strcpy(device->cdev, cdev);
}

int nodes_show(struct nodes *nodes, struct node *node)
{
	struct tree tree = { .root = nodes->dev };
	size_t at = (size_t)(node - nodes->list);

	number_cdev(nodes, node->device);
	name_node(node);
	if (nodes->mounted)
		tree.rc = ptys_make_nodes(nodes, at, at + 1);
	else
		tree_attribute(&tree, "vfio/devices", node->device->cdev, 0644);
	return tree.rc ?: find(nodes, node);
}

void nodes_hide(struct nodes *nodes, struct node *node)
{
	struct tree tree = { .root = nodes->dev };
	tree_path path;

	if (nodes->mounted)
		umount2(tree_print(path, "%.3000s/%s", nodes->dev, node->path), MNT_DETACH);
	tree_unlink(&tree, node->path);
	strcat(node->path, " (deleted)");
	node->dev = 0;
	node->ino = 0;
	*node->device->cdev = '\0';
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
