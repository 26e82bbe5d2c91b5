/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines alike: a long batch is one line again and again, with other numbers and names of the same length.
 * What was found out of the words of one holds for the next: where they stand, which verb, which options.
 */
#ifndef CLI_ALIKE_H
#define CLI_ALIKE_H

#include "cli.h"
#include "words.h"

enum { ALIKE_LENGTH = 256 }; /* of a line, with its newline */

struct alike {
	size_t len; /* 0: no line is alike */
	char text[ALIKE_LENGTH];
	char fixed[ALIKE_LENGTH]; /* the bits that all have: of the verb, the options, the blanks */
	char words[ALIKE_LENGTH]; /* all bits of the line, but those of blanks */
};

/*
 * The call is that of a line of len bytes, newline and all, at most ALIKE_LENGTH, that words_simple() has
 * split into store. From now on lines are alike that have its length and differ only in values of options,
 * and in arguments behind their first character, which tells them from options.
 */
void alike_learn(struct alike *alike, const char *line, size_t len, const char *store,
		 const struct call *call);

/*
 * Is the first line of a text of so many bytes alike? Then store has its words, each where it was in the
 * line that was learnt; otherwise store is spoilt. WORDS_SLACK bytes more of both are touched.
 */
bool alike_is(const struct alike *alike, const char *text, size_t have, char *store);

#endif
