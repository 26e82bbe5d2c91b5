/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Delta debugging: parts are left out, halves first, as long as a call of the same kind still differs. */
#include <string.h>

#include "play.h"

/* The kind of the call at which both differ, or -1; the sequence ends there then. */
static int differs(struct player *player)
{
	struct sequence *sequence = player->sequence;
	int at;

	player_replay(player, 0);
	player_replay(player, 1);
	at = player_difference(player);
	if (at < 0)
		return -1;
	if ((unsigned int)at >= sequence->n)
		return N_KINDS;
	sequence->n = (unsigned int)at + 1;
	return sequence->calls[at].kind;
}

static void leave_out(struct sequence *sequence, unsigned int from, unsigned int n)
{
	memmove(&sequence->calls[from], &sequence->calls[from + n],
		(sequence->n - from - n) * sizeof(sequence->calls[0]));
	sequence->n -= n;
}

static bool try_without(struct player *player, unsigned int from, unsigned int n, int kind)
{
	static struct sequence saved;

	saved = *player->sequence;
	leave_out(player->sequence, from, n);
	if (differs(player) == kind)
		return true;
	*player->sequence = saved;
	return false;
}

/* From the end: what comes last is needed the least by others. */
static bool pass(struct player *player, unsigned int n, int kind)
{
	bool shorter = false;

	for (unsigned int end = player->sequence->n; end > 0;) {
		unsigned int from = end > n ? end - n : 0;

		if (end > player->sequence->n)
			end = player->sequence->n;
		if (from < end && end - from < player->sequence->n &&
		    try_without(player, from, end - from, kind))
			shorter = true;
		end = from;
	}
	return shorter;
}

void player_shrink(struct player *player, int difference)
{
	struct sequence *sequence = player->sequence;
	int kind = (unsigned int)difference < sequence->n ? sequence->calls[difference].kind : N_KINDS;

	if (kind != N_KINDS)
		sequence->n = (unsigned int)difference + 1;
	for (unsigned int n = sequence->n / 2; n > 0; n = n > 1 ? n / 2 : 0)
		while (pass(player, n, kind) && n == 1)
			;
	differs(player);
}
