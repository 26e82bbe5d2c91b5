/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of some words somebody may have meant who typed another one. */
#ifndef CLI_UTIL_NEAR_H
#define CLI_UTIL_NEAR_H

#include <stdbool.h>
#include <stddef.h>

/* A word that is longer is never near, and none is near to it. */
enum { NEAR_LENGTH = 32, NEAR_WORDS = 3, NEAR_ROOM = 160, NOT_NEAR = 1000 };

/* The best so far; those of the same rank, up to so many. */
struct near {
	unsigned int rank;
	size_t count;
	char words[NEAR_WORDS][NEAR_LENGTH + 1];
};

/*
 * How many letters are wrong: one is too many, missing, another one, or two have changed places (Damerau and
 * Levenshtein). Capitals are not told from small letters.
 */
unsigned int near_distance(const char *a, const char *b);

/*
 * The distance, where less than half of the word is wrong; 1 of what the word begins, in two letters or more;
 * else NOT_NEAR.
 */
unsigned int near_rank(const char *typed, const char *word);

void near_start(struct near *near);
/* A word of that rank: it is kept if none before has a lower one. prefix: what stands before it. */
void near_offer(struct near *near, unsigned int rank, const char *prefix, const char *word);
/* ", did you mean 'bind'?", or "" where nothing comes near. text: room for NEAR_ROOM; it is returned. */
const char *near_text(const struct near *near, char *text);

#endif
