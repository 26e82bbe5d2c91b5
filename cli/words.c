/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include <stdbool.h>
#include <string.h>

struct splitter {
	const char *at, *end;
	char *to;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Between double quotes a backslash is itself, unless it stands before one of these. */
static bool is_escapable(char c)
{
	return c == '"' || c == '\\' || c == '$' || c == '`';
}

/* A backslash at the end of a line, as opposed to one before a character. */
static bool is_continuation(const struct splitter *s)
{
	return s->at + 1 == s->end || s->at[1] == '\n';
}

static enum words_result quoted(struct splitter *s, char quote)
{
	for (s->at++; s->at < s->end && *s->at != quote; s->at++) {
		if (*s->at == '\\' && quote == '"') {
			if (is_continuation(s)) {
				if (s->at + 1 == s->end)
					return WORDS_MORE;
				s->at++;
				continue;
			}
			if (is_escapable(s->at[1]))
				s->at++;
		}
		*s->to++ = *s->at;
	}
	if (s->at == s->end)
		return WORDS_UNTERMINATED;
	s->at++;
	return WORDS_OK;
}

/* Up to a character that stands for something else than itself. */
static void plain(struct splitter *s)
{
	const char *at = s->at;
	char *to = s->to;

	while (at < s->end && !is_blank(*at) && *at != '\'' && *at != '"' && *at != '\\')
		*to++ = *at++;
	s->at = at;
	s->to = to;
}

static enum words_result word(struct splitter *s)
{
	enum words_result rc = WORDS_OK;

	for (plain(s); rc == WORDS_OK && s->at < s->end && !is_blank(*s->at); plain(s)) {
		if (*s->at == '\'' || *s->at == '"') {
			rc = quoted(s, *s->at);
		} else if (!is_continuation(s)) {
			*s->to++ = s->at[1];
			s->at += 2;
		} else if (s->at + 1 == s->end) {
			rc = WORDS_MORE;
		} else {
			s->at += 2;
		}
	}
	*s->to++ = '\0';
	return rc;
}

/* Blanks, and continuations between words. */
static enum words_result blanks(struct splitter *s)
{
	while (s->at < s->end) {
		if (*s->at == '\\' && is_continuation(s)) {
			if (s->at + 1 == s->end)
				return WORDS_MORE;
			s->at++;
		} else if (!is_blank(*s->at)) {
			break;
		}
		s->at++;
	}
	return WORDS_OK;
}

enum words_result words_split(const char *line, size_t len, char *store, char **words, int max,
			      int *ret_count)
{
	struct splitter s = { .at = line, .end = line + len, .to = store };
	enum words_result rc;
	int count = 0;

	if (memchr(line, '\0', len))
		return WORDS_NUL;
	while ((rc = blanks(&s)) == WORDS_OK && s.at < s.end && *s.at != '#') {
		if (count == max)
			return WORDS_TOO_MANY;
		words[count++] = s.to;
		rc = word(&s);
		if (rc != WORDS_OK)
			return rc;
	}
	if (rc != WORDS_OK)
		return rc;
	words[count] = NULL;
	*ret_count = count;
	return WORDS_OK;
}
