/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A checker, stricter than most readers: bytes that a reader may forgive are a fault of the writer. */
#include <ctype.h>
#include <string.h>

#include "unit.h"

static const char *value(const char *at);

static const char *string(const char *at)
{
	if (*at++ != '"')
		return NULL;
	for (; *at != '"'; at++) {
		if ((unsigned char)*at < 0x20)
			return NULL;
		if (*at != '\\')
			continue;
		at++;
		if (*at == 'u') {
			for (int i = 0; i < 4; i++)
				if (!isxdigit((unsigned char)*++at))
					return NULL;
		} else if (!*at || !strchr("\"\\/bfnrt", *at)) {
			return NULL;
		}
	}
	return at + 1;
}

/* The tool prints no fractions and nothing below zero. */
static const char *number(const char *at)
{
	if (*at == '0')
		return at + 1;
	return isdigit((unsigned char)*at) ? at + strspn(at, "0123456789") : NULL;
}

static const char *word(const char *at, const char *text)
{
	return strncmp(at, text, strlen(text)) == 0 ? at + strlen(text) : NULL;
}

static const char *member(const char *at)
{
	at = string(at);
	return at && *at == ':' ? value(at + 1) : NULL;
}

static const char *sequence(const char *at, char end, const char *(*item)(const char *))
{
	if (*++at == end)
		return at + 1;
	for (;; at++) {
		at = item(at);
		if (!at || (*at != ',' && *at != end))
			return NULL;
		if (*at == end)
			return at + 1;
	}
}

static const char *value(const char *at)
{
	switch (*at) {
	case '{':
		return sequence(at, '}', member);
	case '[':
		return sequence(at, ']', value);
	case '"':
		return string(at);
	case 't':
		return word(at, "true");
	case 'f':
		return word(at, "false");
	case 'n':
		return word(at, "null");
	default:
		return number(at);
	}
}

bool is_json_line(const char *text)
{
	const char *end = value(text);

	return end && strcmp(end, "\n") == 0;
}
