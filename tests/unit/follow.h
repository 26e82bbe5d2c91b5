/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hints that are followed word by word, as tests/e2e/hints.bash does it: "%" is what the tool fills in, the command
 * stands in braces. tests/hints reads the patterns.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "world.h"

/* The last line gave this hint, and its command, of the tool, works. */
void works(struct world *world, const char *pattern);
/* The same for a command of the shell's: /sys and /proc are those of the tree. */
void works_in_tree(struct world *world, const char *pattern);

#endif
