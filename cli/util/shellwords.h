/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line to words, as a shell splits it: quotes, backslash, # comments. */
#ifndef CLI_UTIL_SHELLWORDS_H
#define CLI_UTIL_SHELLWORDS_H

#include <stddef.h>

struct buffer;

/* A word as a shell would have it, in quotes where it needs them. */
void shellwords_quote(struct buffer *out, const char *word);
/* Words, with a space before each. */
void shellwords_join(struct buffer *out, int n, const char *const *words);

enum shellwords_result {
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
enum shellwords_result shellwords_split(const char *line, size_t len, char *store, char **words, int max,
			      int *ret_count);

#endif
