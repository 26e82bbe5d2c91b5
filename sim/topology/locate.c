/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topology/locate.h"
#include <stdbool.h>
#include <string.h>

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

/* Behind a text in quotes. */
static const char *skip_text(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		at += *at == '\\' && at[1];
	return *at ? at + 1 : at;
}

/* Behind a value of any kind: brackets are counted, those in texts are not seen. */
static const char *skip_value(const char *at)
{
	size_t depth = 0;

	do {
		at = skip_blanks(at);
		if (*at == '"') {
			at = skip_text(at);
		} else if (*at == '{' || *at == '[') {
			depth++;
			at++;
		} else if (*at == '}' || *at == ']') {
			depth--;
			at++;
		} else if (*at == ',' || *at == ':') {
			at++;
		} else {
			at += strcspn(at, ",:]} \t\r\n");
		}
	} while (depth && *at);
	return at;
}

/* A key of a topology has no character that would be escaped. */
static bool is_key(const char *at, const char *key)
{
	size_t len = strlen(key);

	return strncmp(at + 1, key, len) == 0 && at[len + 1] == '"';
}

/* The key in the object that begins here; NULL: none. */
static const char *find_key(const char *at, const char *key)
{
	at = skip_blanks(at + 1);
	while (*at == '"' && !is_key(at, key)) {
		at = skip_blanks(skip_text(at));
		at = skip_blanks(skip_value(at + 1));
		at = *at == ',' ? skip_blanks(at + 1) : at;
	}
	return *at == '"' ? at : NULL;
}

static const char *find_element(const char *at, size_t index)
{
	at = skip_blanks(at + 1);
	while (index-- && *at && *at != ']') {
		at = skip_blanks(skip_value(at));
		at = *at == ',' ? skip_blanks(at + 1) : at;
	}
	return at;
}

static unsigned int count_lines(const char *text, const char *end)
{
	unsigned int line = 1;

	while (text < end)
		line += *text++ == '\n';
	return line;
}

unsigned int locate_line(const char *text, const struct locate_step *path, size_t n)
{
	const char *at = skip_blanks(text), *found = at;

	for (size_t i = 0; i < n && found; i++) {
		found = path[i].key ? find_key(at, path[i].key) : find_element(at, path[i].index);
		if (!found)
			break;
		at = path[i].key ? skip_blanks(skip_blanks(skip_text(found)) + 1) : found;
	}
	return count_lines(text, found ? found : at);
}
