/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pinned memory is charged to the address space of the process that mapped it, in the mode "process". The
 * kernel moves the charge only while that is alive, and warns otherwise. A restart is an execve(), which ends
 * it: so another process shares it until the new program has been charged.
 */
#ifndef CLI_SESSION_CHARGE_H
#define CLI_SESSION_CHARGE_H

#include <sys/types.h>

#include "session/server.h"

struct keeper {
	pid_t pid; /* 0: none */
	int fd;	   /* it ends when this is closed */
	void *stack;
};

/* Keep this address space alive beyond an execve(), if it is charged for something. 0 or -errno. */
int charge_keep(const struct context *ctx, struct keeper *keeper);
/* There has been no execve(). */
void charge_let_go(struct keeper *keeper);

/* In the new program: be charged for what the one before has mapped; or note that nobody is. */
void charge_take_over(struct holder *holder, const struct output *output);

#endif
