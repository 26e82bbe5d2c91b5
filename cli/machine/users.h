/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes have a file of VFIO open, or a part of a device mapped. */
#ifndef CLI_MACHINE_USERS_H
#define CLI_MACHINE_USERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct machine_user {
	pid_t pid;
	char command[32];
};

enum { MACHINE_USERS = 8 };

/*
 * Who has the cdev ("vfio0") or the group open, also where its node was removed since, or still has it mapped.
 * This process is left out. What may not be seen, and what is not looked at by the end, a time of clock_ms(),
 * is missing. Returns how many.
 */
size_t machine_users_of_cdev(const char *name, uint64_t end, struct machine_user ret[MACHINE_USERS]);
size_t machine_users_of_group(int group, uint64_t end, struct machine_user ret[MACHINE_USERS]);

#endif
