/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's /sys and /dev, for this process and all that it starts: in a mount namespace of their own,
 * and what the real ones have besides is there, too. A plain user gets a user namespace for it, in which he
 * is who he was.
 */
#ifndef SIM_SUPERVISOR_MOUNTS_H
#define SIM_SUPERVISOR_MOUNTS_H

#include "supervisor/nodes.h"

/* 0, or -errno: then the process is as it was. */
int mounts_enter(void);
/* 0 or -errno, and in *what what could not be made. */
int mounts_make(const struct topology *topology, struct nodes *nodes, const char **what);

/* Where there can be no mounts: the same below a directory, for programs that are told of it. */
int mounts_make_below(const char *dir, const struct topology *topology, const struct nodes *nodes);

#endif
