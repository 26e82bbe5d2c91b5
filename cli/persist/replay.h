/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A context from its journal: what was written, and what of it is still there. */
#ifndef CLI_PERSIST_REPLAY_H
#define CLI_PERSIST_REPLAY_H

#include "context/context.h"
#include "output/message.h"
#include "persist/journal.h"
#include "persist/kept.h"

enum { REPLAY_LENGTH = 512, REPLAY_WORDS = 10 };

/* The first members are the caller's; the others begin as 0. */
struct replay {
	struct context *ctx; /* empty */
	const struct output *output;
	const struct kept_fds *kept;
	bool crashed; /* these are what a service manager kept, which may be less than there was */
	int *clients; /* their connections, up to max_clients */
	size_t max_clients, n_clients;
	int keeper; /* who keeps alive what was charged for pinned memory, 0: nobody */
	size_t n_lost; /* what came without its fd, and was left out with a message */
	/* What a command may have changed that was killed in the middle: */
	bool alloc_pending; /* an IOAS may have been allocated */
	uint32_t pending_ioas[JOURNAL_PENDING + JOURNAL_UNFINISHED]; /* what these map */
	size_t n_pending;
	struct unfinished unfinished[JOURNAL_UNFINISHED];
	size_t n_unfinished;
	char pending_cdev[32]; /* what this one is attached to */
	/* The record being looked at: */
	char *words[REPLAY_WORDS + 1], store[REPLAY_LENGTH];
	int count;
	uint64_t numbers[REPLAY_WORDS]; /* of the words behind the first, where they are numbers */
};

/* Make the context what the journal says; the kernel is not asked. 0, or -errno. */
int journal_replay(struct replay *replay, const struct journal *journal);
/* Make the kernel agree with it, where it may not. */
void replay_reconcile(const struct replay *replay);

#endif
