/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A context from its journal: what was written, and what of it is still there. */
#ifndef CLI_PERSIST_REPLAY_H
#define CLI_PERSIST_REPLAY_H

#include "context/context.h"
#include "output/message.h"
#include "persist/journal.h"

/* The fd that was kept under a name, -1: it is not there. */
typedef int find_fd_fn(void *arg, const char *name);

/*
 * Make the empty context what the journal says, and the kernel's state agree with it. What is missing or does
 * not fit is left out with a message. Client connections go to clients (may be NULL). 0, or -errno.
 */
int journal_replay(struct context *ctx, const struct output *output, struct journal *journal,
		   find_fd_fn *find_fd, void *arg, int *clients, size_t max_clients, size_t *ret_clients);

#endif
