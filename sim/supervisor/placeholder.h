/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What callers have instead of a simulated file, and what the supervisor keeps of it. */
#ifndef SIM_SUPERVISOR_PLACEHOLDER_H
#define SIM_SUPERVISOR_PLACEHOLDER_H

#include <stdbool.h>

enum shape {
	SHAPE_PAIR,	/* one of two sockets: the other one hangs up with its last copy */
	SHAPE_MEMORY,	/* a file in memory: can be mapped, read and written without anybody */
	SHAPE_TERMINAL, /* raw, and as a queue: it reads 0 where there is nothing, and poll tells */
};

/*
 * The node that makes terminals, to be asked before a simulated /dev hides it: it wants its pts beside it. An
 * fd or -errno.
 */
int placeholder_find_terminals(void);
/* *ours and *theirs, both close-on-exec: 0 or -errno, and then both are closed. name: of memory. */
int placeholder_make(enum shape shape, const char *name, int terminals, int *ours, int *theirs);
/* Of memory, which has no other end: is what callers have still open, or mapped? */
bool placeholder_is_open(int ours);

#endif
