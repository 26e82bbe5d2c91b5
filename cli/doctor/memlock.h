/* SPDX-License-Identifier: GPL-2.0-or-later */
/* May a process pin that much memory? */
#ifndef CLI_DOCTOR_MEMLOCK_H
#define CLI_DOCTOR_MEMLOCK_H

#include "doctor/doctor.h"
#include "machine/limits.h"

#include <stdbool.h>

struct memlock {
	pid_t pid;	  /* whose limit counts */
	enum memlock_owner {
		MEMLOCK_OWN,
		MEMLOCK_SESSION, /* it holds one: its limit is raised from outside */
		MEMLOCK_OTHER,	 /* so is that of any other */
	} owner;
	bool per_process; /* rlimit-mode; else all of the user's count, which the kernel does not show */
	uint64_t bytes;	  /* that are to be pinned */
	struct machine_limits limits;
	uint64_t need;	  /* with what is pinned, as far as that is known */
};

enum memlock_verdict { MEMLOCK_FITS, MEMLOCK_FREE, MEMLOCK_SMALL };

/* By pid, per_process and bytes all else becomes known. 0, or -errno: the limits cannot be read. */
int memlock_look(struct memlock *memlock);
enum memlock_verdict memlock_verdict(const struct memlock *memlock);
void tell_memlock(const struct doctor *doctor, const struct memlock *memlock);

#endif
