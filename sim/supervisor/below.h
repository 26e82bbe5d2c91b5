/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's /sys and /dev below a directory, and the environment by which programs find them. */
#ifndef SIM_SUPERVISOR_BELOW_H
#define SIM_SUPERVISOR_BELOW_H

#include <limits.h>

#include "supervisor/nodes.h"

struct below {
	char dir[PATH_MAX], sys[PATH_MAX + 8], dev[PATH_MAX + 8];
	const char *environment[8]; /* as struct start has it */
};

/* Without a directory: programs are to look at the usual paths. */
void below_nowhere(struct below *below);
/* 0 or -errno. */
int below_make(struct below *below, const struct topology *topology, struct nodes *nodes);
void below_remove(struct below *below);

#endif
