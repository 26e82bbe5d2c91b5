/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGINT, SIGTERM and SIGHUP, which end a claim between two steps and not within one. */
#ifndef CLI_CLAIM_SIGNALS_H
#define CLI_CLAIM_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct held_signals {
	int fd, seen; /* seen: the first of them that came, 0: none did */
	sigset_t before;
};

/* From now on they wait. 0, or -errno. */
int signals_hold(struct held_signals *held);
/* They do what they did before; those that came meanwhile are forgotten. */
void signals_let_go(struct held_signals *held);
/* Did one come? */
bool signals_came(struct held_signals *held);

#endif
