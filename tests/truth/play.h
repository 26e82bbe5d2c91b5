/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequences, each in a process of its own: what ends it or never ends is part of the answer. */
#ifndef TRUTH_PLAY_H
#define TRUTH_PLAY_H

#include "call.h"
#include "generate.h"

enum { RECORD_TEXT = 1 << 20, PLAY_SECONDS = 60 };

/* What came of the calls, a line each. */
struct record {
	unsigned int n;
	size_t used;
	size_t start[MAX_CALLS + 2];
	char text[RECORD_TEXT];
};

struct player {
	const char *kernel;
	const struct backend_ops *truth, *other;
	/* Shared with the processes that run them. */
	struct sequence *sequence;
	struct record *said[2]; /* of truth, of the other */
};

/* false, with a message: there is no memory. */
bool player_start(struct player *player, const char *kernel, const struct backend_ops *truth,
		  const struct backend_ops *other);
/* Makes a sequence on the truth, and records what that says. */
void player_generate(struct player *player, uint64_t seed, enum theme theme, unsigned int n);
/* Runs player->sequence on one of both. */
void player_replay(struct player *player, unsigned int which);
/* The first line that differs, or -1. */
int player_difference(const struct player *player);
const char *record_line(const struct record *record, unsigned int at);

/* Leaves out of player->sequence what does not matter to its difference; its last call is the one that
 * differs. */
void player_shrink(struct player *player, int difference);

#endif
