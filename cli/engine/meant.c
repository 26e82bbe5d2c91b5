/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/meant.h"
#include <stdio.h>
#include <string.h>

/*
 * A verb of two words: both of them were typed, or one without the other, which counts as a mistake of its
 * own; or they were typed as one.
 */
static void offer_two(struct near *near, const char *name, int argc, char **argv)
{
	char group[NEAR_LENGTH + 1] = "";
	size_t len = strcspn(name, " ");
	const char *second = name + len + 1;
	unsigned int rank;

	if (len > NEAR_LENGTH)
		return;
	memcpy(group, name, len);
	rank = near_rank(argv[0], group);
	if (argc > 1)
		near_offer(near, rank + near_rank(argv[1], second), "", name);
	if (rank)
		near_offer(near, rank + (argc > 1), "", group);
	near_offer(near, near_rank(argv[0], second) + 1, "", name);
	if (strlen(argv[0]) > len)
		near_offer(near, near_rank(argv[0], name), "", name);
}

const char *meant_verb(const struct verb_group *groups, int argc, char **argv, char *text)
{
	struct near near;

	near_start(&near);
	for_each_verb(verb, groups)
		if (strchr((*verb)->name, ' '))
			offer_two(&near, (*verb)->name, argc, argv);
		else
			near_offer(&near, near_rank(argv[0], (*verb)->name), "", (*verb)->name);
	return near_text(&near, text);
}

const char *meant_option(const struct verb_option *const *lists, size_t n, const char *word, char *text)
{
	char name[NEAR_LENGTH + 1];
	struct near near;

	near_start(&near);
	word += word[1] == '-' ? 2 : 1;
	if (!word[0] || !word[1] ||
	    snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word) >= (int)sizeof(name))
		return near_text(&near, text);
	for (size_t i = 0; i < n; i++)
		for (const struct verb_option *option = lists[i]; option && option->name; option++)
			near_offer(&near, near_rank(name, option->name), "--", option->name);
	return near_text(&near, text);
}

const char *meant_choice(const struct choice *choices, const char *word, char *text)
{
	struct near near;

	near_start(&near);
	for (; choices->word; choices++)
		near_offer(&near, near_rank(word, choices->word), "", choices->word);
	return near_text(&near, text);
}
