/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program that the simulator was asked to run. */
#ifndef SIM_SUPERVISOR_START_H
#define SIM_SUPERVISOR_START_H

#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct start {
	char *const *argv;
	const char *const *environment; /* pairs: a name, and a value or NULL for none; ends with NULL */
	const sigset_t *mask;	  /* signals that were blocked when the simulator was started */
	struct rlimit files;	  /* as they were then */
	uint64_t memlock;	  /* UINT64_MAX: as it is */
};

/* A process that executes it: 0, or -errno of filter_install(). Its calls come from *listener. */
int start_command(const struct start *start, pid_t *pid, int *listener);

#endif
