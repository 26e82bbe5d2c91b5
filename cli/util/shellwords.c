/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/shellwords.h"
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "util/buffer.h"

struct splitter {
	const char *at, *end;
	char *to;
};

enum kind {
	PLAIN,
	BLANK,
	SPECIAL, /* it quotes others, or ends the line */
};

static const unsigned char kinds[UCHAR_MAX + 1] = {
	[' '] = BLANK, ['\t'] = BLANK, ['\r'] = BLANK, ['\n'] = BLANK,
	['\''] = SPECIAL, ['"'] = SPECIAL, ['\\'] = SPECIAL, ['\0'] = SPECIAL,
};

static enum kind kind(char c)
{
	return kinds[(unsigned char)c];
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

static enum shellwords_result quoted(struct splitter *s, char quote)
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

/* Up to a character that stands for something else than itself: the one behind the line does. */
static void plain(struct splitter *s)
{
	const char *from = s->at;
	char *to = s->to;
	size_t n = 0;

	for (; kind(from[n]) == PLAIN; n++)
		to[n] = from[n];
	s->at += n;
	s->to += n;
}

/* The rest of a word, from where it is not plain. */
static enum shellwords_result special(struct splitter *s)
{
	enum shellwords_result rc = WORDS_OK;

	for (; rc == WORDS_OK && s->at < s->end && kind(*s->at) == SPECIAL; plain(s)) {
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
	return rc;
}

/* Blanks, and continuations between words. */
static enum shellwords_result blanks(struct splitter *s)
{
	for (; s->at < s->end; s->at++) {
		if (kind(*s->at) == BLANK)
			continue;
		if (*s->at != '\\' || !is_continuation(s))
			break;
		if (s->at + 1 == s->end)
			return WORDS_MORE;
		s->at++;
	}
	return WORDS_OK;
}

enum shellwords_result shellwords_split(const char *line, size_t len, char *store, char **words, int max,
					int *ret_count)
{
	struct splitter s = { .at = line, .end = line + len, .to = store };
	enum shellwords_result rc;
	int count = 0;

	if (memchr(line, '\0', len))
		return WORDS_NUL;
	while ((rc = blanks(&s)) == WORDS_OK && s.at < s.end && *s.at != '#') {
		if (count == max)
			return WORDS_TOO_MANY;
		words[count++] = s.to;
		plain(&s);
		rc = special(&s);
		if (rc != WORDS_OK)
			return rc;
		*s.to++ = '\0';
	}
	if (rc != WORDS_OK)
		return rc;
	words[count] = NULL;
	*ret_count = count;
	return WORDS_OK;
}

void shellwords_quote(struct buffer *out, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=.,:/@%^";

	if (*word && strspn(word, plain) == strlen(word))
		return buf_str(out, word);
	buf_char(out, '\'');
	for (; *word; word++)
		if (*word == '\'')
			buf_str(out, "'\\''");
		else
			buf_char(out, *word);
	buf_char(out, '\'');
}

void shellwords_join(struct buffer *out, int n, const char *const *words)
{
	for (int i = 0; i < n; i++) {
		buf_char(out, ' ');
		shellwords_quote(out, words[i]);
	}
}
