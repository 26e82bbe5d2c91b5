/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes have a file of VFIO or of a host's driver open, or a part of a device mapped. */
#ifndef CLI_MACHINE_USERS_H
#define CLI_MACHINE_USERS_H

#include "machine/device.h"
#include "machine/held.h"

#include <sys/types.h>

struct machine_user {
	pid_t pid;
	char command[32];
	enum machine_hold {
		HOLD_CDEV,     /* open */
		HOLD_DELETED,  /* open, while the node is gone: an unbind waits for it */
		HOLD_PERHAPS,  /* the same of some device: Linux before 7.0 does not tell of which */
		HOLD_MAPPING,  /* closed, but a part of the device is mapped */
		HOLD_GROUP,    /* open: the node of its group */
		HOLD_NODE,     /* open: one of the host's driver, /dev/nvme0, /dev/snd/... */
	} how;
	char path[128];	  /* of what it holds, as the process has it */
	char session[64]; /* the session that the process keeps, as far as it can be told; empty: none */
};

enum { MACHINE_USERS = 8 };

/*
 * Who has the cdev ("vfio0") or the group open, also where its node was removed since, or still has it mapped.
 * This process is left out. What may not be seen, and what is not looked at by the end, a time of clock_ms(),
 * is missing. Returns how many.
 */
size_t machine_users_of_cdev(const char *name, uint64_t end, struct machine_user ret[MACHINE_USERS]);
size_t machine_users_of_group(int group, uint64_t end, struct machine_user ret[MACHINE_USERS]);

struct machine_users {
	struct machine_user items[MACHINE_USERS];
	size_t count;
	bool more;   /* than there is room for, or than there was time for */
	bool unseen; /* processes of others: what they hold may not be seen */
};

/* Whoever of those holds the device in any of these ways, this process too. */
void machine_users_of_device(const struct machine_held *held, const struct machine_device *device,
			     struct machine_users *ret);
/* "holds /dev/vfio/devices/vfio0", "has its memory mapped": what stands behind the name of a process. */
const char *machine_hold_text(enum machine_hold how);

#endif
