/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the start of a program in the simulator until nothing of it is left. */
#ifndef SIM_SUPERVISOR_RUN_H
#define SIM_SUPERVISOR_RUN_H

#include "supervisor/start.h"
#include "supervisor/supervisor.h"

/*
 * Before anything else: signals come through an fd from now on. *mask: those that were blocked. 0 or
 * -errno.
 */
int run_prepare(struct supervisor *s, sigset_t *mask);
/* 0 and how the program ended, as waitpid() has it; or -errno of start_command(). */
int run_command(struct supervisor *s, const struct start *start, int *status);

#endif
