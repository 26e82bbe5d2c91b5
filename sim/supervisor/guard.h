/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of callers when the supervisor is killed: somebody who has its listener, too, and does
 * nothing as long as it lives. Then simulated calls fail with ENOSYS, and all others are done by the
 * kernel, so that programs go on.
 */
#ifndef SIM_SUPERVISOR_GUARD_H
#define SIM_SUPERVISOR_GUARD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { GUARD_WAITING = 64 };

/* The supervisor writes it, and the guard reads it when that has ended. */
struct guard_calls {
	uint64_t answering;		/* the one that it was told of last */
	uint64_t waiting[GUARD_WAITING]; /* those that will be answered later; 0: none */
};

struct guard {
	pid_t pid;
	volatile struct guard_calls *calls;
};

/* 0 or -errno. */
int guard_start(struct guard *guard, int listener);
/* A call is answered later, and then was: false where there are too many of them. */
bool guard_wait(struct guard *guard, uint64_t id);
void guard_waited(struct guard *guard, uint64_t id);
void guard_stop(struct guard *guard);

#endif
