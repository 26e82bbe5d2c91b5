/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line to words, as a shell splits it: quotes, backslash, # comments. */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum words_result {
	WORDS_OK,
	WORDS_MORE,	  /* the line ends in a backslash: the next one belongs to it */
	WORDS_UNTERMINATED, /* a quote is not closed */
	WORDS_NUL,	  /* a NUL byte: no text */
	WORDS_TOO_MANY,
};

/*
 * Split len bytes at line, which a newline or a NUL follows. The words are written to store (len + 1 bytes),
 * their addresses to words, which gets a NULL behind the last: room for max + 1.
 */
enum words_result words_split(const char *line, size_t len, char *store, char **words, int max,
			      int *ret_count);

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

#define EACH_BYTE(b) (UINT64_MAX / 0xff * (b))

/*
 * The high bit of each byte below '(', which all that is blank or special is, and of each backslash. Right
 * for the first one that is special; behind a blank a '(' looks like one of them.
 */
static inline uint64_t words_marks(uint64_t bytes)
{
	uint64_t below = bytes - EACH_BYTE('('), backslash = (bytes ^ EACH_BYTE('\\')) - EACH_BYTE(1);

	return (below | backslash) & ~bytes & EACH_BYTE(0x80);
}

enum { WORDS_SLACK = 8 }; /* bytes that are touched behind a line */

/*
 * Split the first line of a text of len bytes if it is nothing but words and blanks, as most are. Returns its
 * length, or len or more where the line is none of these or does not end within len bytes: then there are no
 * words. WORDS_SLACK bytes more of the text may be read. store: room for len + WORDS_SLACK bytes; words: for
 * len / 2 + 2.
 */
size_t words_simple(const char *text, size_t len, char *store, char **words, int *ret_count);

#endif
