/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of callers when the supervisor is killed: somebody who has its listener, too, and does
 * nothing as long as it lives. Then simulated calls fail with ENOSYS, and all others are done by the
 * kernel, so that programs go on.
 */
#ifndef SIM_SUPERVISOR_GUARD_H
#define SIM_SUPERVISOR_GUARD_H

#include <stdint.h>
#include <sys/types.h>

struct guard {
	pid_t pid;
	volatile uint64_t *answering; /* the call that the supervisor was told of last; shared */
};

/* 0 or -errno. */
int guard_start(struct guard *guard, int listener);
void guard_stop(struct guard *guard);

#endif
