/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A /sys, /proc, /dev and / of our own, below a temporary directory that the environment leads to. */
#ifndef TREE_H
#define TREE_H

#include <stdbool.h>
#include <stddef.h>

struct tree_device {
	const char *cdev;    /* "vfio0", NULL: none */
	const char *parent;  /* "pci0000:00", below devices/ */
	const char *address; /* "0000:00:04.0" */
	const char *bus;     /* "pci", "mdev" */
	const char *driver;  /* NULL: none */
	const char *group;   /* "7", NULL: none */
	const char *node;    /* a character device of this machine that plays the cdev, or NULL */
	bool no_cdev;	     /* its kernel has no VFIO_DEVICE_CDEV */
};

/* An empty tree: no class, no device. Sets IOMMUFD_SYSFS, IOMMUFD_PROC, IOMMUFD_DEV and IOMMUFD_ROOT. */
void tree_create(void);
void tree_remove(void);
/* The same, as what cmocka calls before and behind a test. */
int tree_setup(void **state);
int tree_teardown(void **state);
void tree_add(const struct tree_device *device);
/* The path of something below the tree; valid until the next call. */
const char *tree_path(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Make a directory, or a link to text, with the directories above it. */
void tree_mkdir(const char *path);
void tree_link(const char *text, const char *path);
void tree_unlink(const char *path);
/* Make a file with this text, in the place of the one that is there. */
void tree_write(const char *path, const char *text);

#endif
