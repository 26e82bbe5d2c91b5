/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Character devices that a plain user can make: ends of pseudo terminals that nobody can open. */
#ifndef SIM_SUPERVISOR_PTYS_H
#define SIM_SUPERVISOR_PTYS_H

#include "supervisor/nodes.h"

/*
 * One at the path of each node of these, by their places, that is there, below /dev: 0 or -errno. Their
 * numbers are those of no terminal of this machine.
 */
int ptys_make_nodes(const struct nodes *nodes, size_t first, size_t end);

#endif
