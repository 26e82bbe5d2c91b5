/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Help, all of it from the table of verbs. */
#include "help.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "verbs.h"

static bool is_last(const struct verb *verb)
{
	return !*verb->name && !verb->summary;
}

/* What argp lays out, which it can only do to a FILE. */
static int print_argp(const struct call *call, const struct argp *argp, char *name)
{
	char *text = NULL;
	size_t len;
	FILE *stream = open_memstream(&text, &len);
	int rc = EXIT_DONE;

	if (!stream)
		return msg_fail_errno(call->output, NULL, errno);
	argp_help(argp, stream, ARGP_HELP_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, name);
	if (fclose(stream) == 0)
		buf_bytes(call->output->out, text, len);
	else
		rc = msg_fail_errno(call->output, NULL, errno);
	free(text);
	return rc;
}

/* A verb's own options and the common ones below a heading of their own. */
static void all_options(const struct verb *verb, struct argp_option *to)
{
	static const struct argp_option heading = { .doc = "Common options:", .group = -1 };

	for (const struct argp_option *row = verb->options; row && row->name; row++)
		*to++ = *row;
	*to++ = heading;
	for (const struct argp_option *row = common_options; row->name; row++) {
		if (row->key == OPT_JSON && verb->flags & VERB_NO_JSON)
			continue;
		*to = *row;
		(to++)->group = -1;
	}
	*to = (struct argp_option){ 0 };
}

int help_verb(const struct call *call, const struct verb *verb)
{
	struct argp_option options[24];
	struct argp argp = { .options = options, .args_doc = verb->args };
	char doc[2048], name[64];

	all_options(verb, options);
	snprintf(doc, sizeof(doc), "%s\v%s", verb->summary, verb->details ? verb->details : "");
	argp.doc = doc;
	snprintf(name, sizeof(name), PROGRAM " %s", verb->name);
	return print_argp(call, &argp, name);
}

enum { SUMMARY_COLUMN = 34 };

static void print_row(const struct call *call, const struct verb *verb)
{
	int width = SUMMARY_COLUMN - 4 - (int)strlen(verb->name);
	bool fits = (int)strlen(verb->args) <= width;

	buf_format(call->output->out, "  %s %-*s", verb->name, fits ? width : 0, verb->args);
	if (!fits)
		buf_format(call->output->out, "\n%*s", SUMMARY_COLUMN - 1, "");
	buf_format(call->output->out, " %s\n", verb->summary);
}

int help_all(const struct call *call)
{
	struct argp argp = { .options = global_options, .args_doc = "VERB ..." };
	const struct verb *verb;
	int rc;

	argp.doc = "Drive Linux iommufd and VFIO device cdevs.\v"
		   "Objects live as long as the process that made them: use batch, fds that the shell "
		   "keeps, or exec. '" PROGRAM " help VERB' tells about a verb, " PROGRAM
		   "(1) about everything.";
	rc = print_argp(call, &argp, (char[]){ PROGRAM });
	for (verb = verbs; rc == EXIT_DONE && !is_last(verb); verb++)
		if (*verb->name)
			print_row(call, verb);
		else
			buf_format(call->output->out, "\n%s\n", verb->summary);
	return rc;
}

static bool is_in_group(const struct verb *verb, const char *group)
{
	size_t len = strlen(group);

	return strncmp(verb->name, group, len) == 0 && verb->name[len] == ' ';
}

/* "help ioas": the verbs of that first word. */
static bool help_group(const struct call *call, const char *group)
{
	bool found = false;

	for (const struct verb *verb = verbs; !is_last(verb); verb++)
		if (is_in_group(verb, group)) {
			print_row(call, verb);
			found = true;
		}
	return found;
}

/* "ioas" alone, or with something that is none of its verbs: name those that there are. */
static bool list_group(const struct call *call, const char *group)
{
	size_t len = strlen(group);
	char names[256] = "";
	size_t used = 0;

	for (const struct verb *verb = verbs; !is_last(verb); verb++)
		if (is_in_group(verb, group))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
						 used ? ", " : "", verb->name + len + 1);
	if (!used)
		return false;
	msg_usage(call->output, "'%s' needs one of: %s", group, names);
	return true;
}

int help_unknown_verb(const struct call *call, int argc, char **argv)
{
	if (argc == 0)
		return msg_usage(call->output, "a verb is missing");
	if (!list_group(call, argv[0]))
		msg_usage(call->output, "unknown verb '%s'", argv[0]);
	return EXIT_USAGE;
}

static bool next_verb(const void *arg, size_t *cursor, struct value *row)
{
	const struct verb *verb = (const struct verb *)arg + *cursor;

	while (!*verb->name && !is_last(verb))
		verb++;
	if (is_last(verb))
		return false;
	row[0].text = verb->name;
	row[1].text = verb->args;
	row[2].text = verb->summary;
	*cursor = (size_t)(verb - (const struct verb *)arg) + 1;
	return true;
}

int verb_help(struct call *call)
{
	static const struct column columns[] = {
		{ "verb", "VERB", COLUMN_TEXT },
		{ "args", "ARGUMENTS", COLUMN_TEXT },
		{ "summary", "SUMMARY", COLUMN_TEXT },
	};
	struct table table = { "verbs", columns, ARRAY_SIZE(columns), next_verb, verbs, true, 0 };
	const struct verb *verb;
	int words;

	if (call->n_args == 0)
		return call->output->json ? print_tables(call->output, &table, 1) : help_all(call);
	if (call->output->json)
		return msg_usage(call->output, "JSON is for the list of all verbs");
	verb = verb_find(call->n_args, call->args, &words);
	if (!verb && call->n_args == 1 && help_group(call, call->args[0]))
		return EXIT_DONE;
	if (!verb)
		return help_unknown_verb(call, call->n_args, call->args);
	if (words < call->n_args)
		return msg_usage(call->output, "surplus argument '%s'", call->args[words]);
	return help_verb(call, verb);
}
