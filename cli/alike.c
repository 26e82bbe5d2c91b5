/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alike.h"

#include <string.h>

static uint64_t load(const char *from)
{
	uint64_t bytes;

	memcpy(&bytes, from, sizeof(bytes));
	return bytes;
}

void alike_learn(struct alike *alike, const char *line, size_t len, const char *store,
		 const struct call *call)
{
	*alike = (struct alike){ .len = len };
	memcpy(alike->text, line, len);
	memset(alike->fixed, 0xff, len);
	for (size_t i = 0; i < len; i++)
		alike->words[i] = is_blank(line[i]) ? 0 : -1;
	for (const struct given *given = call->given; given < call->given + call->n_given; given++)
		if (given->value)
			memset(alike->fixed + (given->value - store), 0, strlen(given->value));
	for (char **arg = call->args; *arg; arg++)
		memset(alike->fixed + (*arg + 1 - store), 0, strlen(*arg + 1));
}

__attribute__((hot)) bool alike_is(const struct alike *alike, const char *text, size_t have, char *store)
{
	size_t len = alike->len;
	uint64_t differ = 0;

	if (!len || have < len)
		return false;
	for (size_t i = 0; i < len; i += sizeof(uint64_t)) {
		uint64_t bytes = load(text + i), words = load(alike->words + i);

		differ |= (bytes ^ load(alike->text + i)) & load(alike->fixed + i);
		differ |= words_marks(bytes) & words;
		words &= bytes;
		memcpy(store + i, &words, sizeof(words));
	}
	return !differ;
}
