/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "follow.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "output/message.h"
#include "unit.h"

enum { ROOM = 1024 };

static void to_regex(const char *pattern, char regex[2 * ROOM])
{
	assert_in_range(strlen(pattern), 1, ROOM - 1);
	for (; *pattern; pattern++) {
		if (*pattern == '%') {
			regex = stpcpy(regex, "[^\n]*");
			continue;
		}
		if (strchr("[]\\.^$*+?()|", *pattern))
			*regex++ = '\\';
		*regex++ = *pattern == '{' ? '(' : *pattern == '}' ? ')' : *pattern;
	}
	*regex = '\0';
}

static void find(struct world *world, const char *pattern, char command_line[ROOM])
{
	char regex[2 * ROOM];
	regmatch_t match[2];
	regex_t compiled;

	to_regex(pattern, regex);
	assert_int_equal(regcomp(&compiled, regex, REG_EXTENDED | REG_NEWLINE), 0);
	if (regexec(&compiled, complained(world), 2, match, 0) != 0)
		fail_msg("no hint '%s' in: %s", pattern, complained(world));
	snprintf(command_line, ROOM, "%.*s", (int)(match[1].rm_eo - match[1].rm_so), complained(world) + match[1].rm_so);
	regfree(&compiled);
}

void works(struct world *world, const char *pattern)
{
	char line[ROOM];

	find(world, pattern, line);
	assert_int_equal(strncmp(line, PROGRAM " ", sizeof(PROGRAM)), 0);
	ok(world, line + sizeof(PROGRAM));
}

void works_in_tree(struct world *world, const char *pattern)
{
	char line[ROOM], script[2 * ROOM];

	find(world, pattern, line);
	snprintf(script, sizeof(script), "echo '%s' | sed 's|/sys/|%s/|g' | sh -e >/dev/null", line, tree_path("sys"));
	assert_case(system(script) == 0, script);
}
