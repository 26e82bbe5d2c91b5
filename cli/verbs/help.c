/* SPDX-License-Identifier: GPL-2.0-or-later */
/* help: about all verbs, a group of them, or one. */
#include "verbs/help.h"
#include "engine/help.h"
#include "output/table.h"

/* The cursor counts over all groups. */
struct listing {
	const struct verb_group *groups;
	char args[ARGS_LENGTH]; /* of the row that is being printed */
};

static bool next_verb(const void *arg, size_t *cursor, struct value *row)
{
	struct listing *listing = (struct listing *)arg;
	size_t at = (*cursor)++;

	for (const struct verb_group *group = listing->groups; group->heading; group++)
		for (const struct verb *const *verb = group->verbs; *verb; verb++) {
			if (at--)
				continue;
			row[0].text = (*verb)->name;
			row[1].text = help_args(*verb, listing->args);
			row[2].text = (*verb)->summary;
			return true;
		}
	return false;
}

static int list_verbs(const struct call *call)
{
	static const struct column columns[] = {
		{ "verb", "VERB", COLUMN_TEXT }, { "args", "ARGUMENTS", COLUMN_TEXT },
		{ "summary", "SUMMARY", COLUMN_TEXT },
	};
	struct listing listing = { .groups = call->request->verbs };

	return print_table(call->output, "verbs", ROWS(columns, next_verb, &listing));
}

static int run_help(struct call *call)
{
	const struct verb *verb;
	int words;

	if (call->n_args == 0)
		return call->output->json ? list_verbs(call) : help_all(call);
	if (call->output->json)
		return msg_usage(call->output, "JSON is for the list of all verbs");
	verb = verb_find(call->request->verbs, call->n_args, call->args, &words);
	if (!verb && call->n_args == 1 && help_group(call, call->args[0]))
		return EXIT_DONE;
	if (!verb)
		return help_unknown_verb(call, call->n_args, call->args);
	if (words < call->n_args)
		return msg_usage(call->output, "surplus argument '%s'", call->args[words]);
	return help_verb(call, verb);
}

const struct verb verb_help = {
	.name = "help", .summary = "Print help",
	.example = PROGRAM " help ioas map",
	.args = { { "VERB", ARG_VERB, ARG_OPTIONAL } },
	.run = run_help,
};
