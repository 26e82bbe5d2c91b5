/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The node of a cdev: whose it is. */
#ifndef CLI_CLAIM_NODE_H
#define CLI_CLAIM_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "machine/device.h"

/* What a node is to have; (uid_t)-1, (gid_t)-1, (mode_t)-1: what it has. */
struct node_rights {
	uid_t owner;
	gid_t group;
	mode_t mode;
};

static inline bool node_rights_given(const struct node_rights *rights)
{
	return rights->owner != (uid_t)-1 || rights->group != (gid_t)-1 || rights->mode != (mode_t)-1;
}

/* Its path, "/dev/vfio/devices/vfio0". 0, or -ENAMETOOLONG. */
int node_path(const char *cdev, char *buf, size_t len);

/* false: there is no node. */
bool node_owner(const char *cdev, uid_t *ret_owner, gid_t *ret_group, mode_t *ret_mode);

/*
 * Is the device's node there, with the numbers that its driver has for it, and can it be opened? -ENOENT: not
 * yet; -EOPNOTSUPP: its driver makes none. *cdev gets its name, as far as that is known.
 */
int node_is_ready(const struct machine_device *device, char *cdev, size_t len);

/* Has udev done what it does with a node that is newer than since, in us? true also where it does not run. */
bool node_is_settled(const char *cdev, uint64_t since);

/* 0, or -errno. What it has already is no change: *changed stays as it is. */
int node_give(const char *cdev, const struct node_rights *rights, bool *changed);

#endif
