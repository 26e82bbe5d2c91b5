/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/help.h"
#include <stdio.h>
#include <string.h>

#include "engine/meant.h"
#include "engine/usage.h"

/* An optional argument opens a bracket, which ends before one that is needed, or at the end. */
const char *help_args(const struct verb *verb, char *text)
{
	struct buffer out = { .fd = -1, .buf = text, .cap = ARGS_LENGTH };
	int brackets = 0;

	for (const struct argument *arg = verb->args; arg->name; arg++) {
		if (!(arg->flags & (ARG_OPTIONAL | ARG_TOGETHER)))
			for (; brackets; brackets--)
				buf_char(&out, ']');
		buf_str(&out, arg == verb->args ? "" : " ");
		if (arg->flags & ARG_OPTIONAL) {
			buf_char(&out, '[');
			brackets++;
		}
		buf_str(&out, arg->name);
		buf_str(&out, arg->flags & ARG_REPEATS ? "..." : "");
	}
	for (; brackets; brackets--)
		buf_char(&out, ']');
	buf_char(&out, '\0');
	return text;
}

/* A verb's own options, and the common ones below a heading of their own. */
int help_verb(const struct call *call, const struct verb *verb)
{
	char name[64], args[ARGS_LENGTH];
	const struct usage usage = {
		.name = name, .args = help_args(verb, args), .summary = verb->summary,
		.details = verb->details, .options = verb->options, .common = common_options,
		.no_json = verb->no_json, .example = verb->example, .arguments = verb->args,
	};

	snprintf(name, sizeof(name), PROGRAM " %s", verb->name);
	print_usage(call->output->out, &usage);
	return EXIT_DONE;
}

enum { SUMMARY_COLUMN = 34 };

static void print_row(const struct call *call, const struct verb *verb)
{
	int width = SUMMARY_COLUMN - 4 - (int)strlen(verb->name);
	char args[ARGS_LENGTH];
	bool fits = (int)strlen(help_args(verb, args)) <= width;

	buf_format(call->output->out, "  %s %-*s", verb->name, fits ? width : 0, args);
	if (!fits)
		buf_format(call->output->out, "\n%*s", SUMMARY_COLUMN - 1, "");
	buf_format(call->output->out, " %s\n", verb->summary);
}

/* device: it stands between the two, where there is a second. */
struct step {
	const char *before, *after, *text;
	enum help_steps of;
};

static void print_step(struct buffer *out, const struct step *step, const char *device, int width)
{
	const char *word = step->after ? device : "", *after = step->after ?: "";
	int used = (int)(strlen(step->before) + strlen(word) + strlen(after));

	buf_format(out, "  " PROGRAM " %s%s%s%*s  %s\n", step->before, word, after, width - used, "", step->text);
}

void help_first_steps(struct buffer *out, enum help_steps which, const char *device)
{
	static const struct step steps[] = {
		{ "doctor", NULL, "what is there, and what is in the way", STEPS_WITHOUT_DEVICE },
		{ "list", NULL, "the devices that have a VFIO driver", STEPS_WITH_DEVICE },
		{ "list --all", NULL, "also those that could have one", STEPS_WITHOUT_DEVICE },
		{ "claim ", "", "take it from its driver, for VFIO", STEPS_WITHOUT_DEVICE },
		{ "session start", NULL, "a process keeps what you make", STEPS_ALL },
		{ "bind ", " --name dev", "have that device, by this name", STEPS_ALL },
		{ "ioas alloc --name guest", NULL, "an address space for its DMA", STEPS_WITH_DEVICE },
		{ "attach dev guest", NULL, "it works there from now on", STEPS_WITH_DEVICE },
	};
	int width = (int)strlen("bind  --name dev") + (int)strlen(device), least = 24;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i].of & which)
			print_step(out, &steps[i], device, width > least ? width : least);
}

static void print_contexts(struct buffer *out)
{
	buf_str(out, "\nA context, in which all of it lives, is kept in one of four ways:\n"
		     "  " PROGRAM " session start                            a process of its own\n"
		     "  " PROGRAM " batch FILE                               one for all lines\n"
		     "  exec 3<>/dev/iommu; " PROGRAM " --iommufd fd:3 VERB  the shell\n"
		     "  " PROGRAM " exec --device DEV -- CMD                 the program itself\n");
}

int help_all(const struct call *call)
{
	char text[1024];
	struct buffer steps = { .fd = -1, .buf = text, .cap = sizeof(text) };
	const struct usage usage = {
		.name = PROGRAM, .args = "VERB ...", .options = global_options, .lines = text,
		.summary = "Drive Linux iommufd and VFIO device cdevs.",
		.details = "'" PROGRAM " help VERB' tells about a verb, " PROGRAM "(1) about everything.",
	};

	buf_str(&steps, "First steps:\n");
	help_first_steps(&steps, STEPS_ALL, "DEV");
	buf_str(&steps, "\n");
	buf_char(&steps, '\0');
	print_usage(call->output->out, &usage);
	for (const struct verb_group *group = call->request->verbs; group->heading; group++) {
		buf_format(call->output->out, "\n%s\n", group->heading);
		for (const struct verb *const *verb = group->verbs; *verb; verb++)
			print_row(call, *verb);
	}
	print_contexts(call->output->out);
	return EXIT_DONE;
}

static bool is_in_group(const struct verb *verb, const char *group)
{
	size_t len = strlen(group);

	return strncmp(verb->name, group, len) == 0 && verb->name[len] == ' ';
}

bool help_group(const struct call *call, const char *group)
{
	bool found = false;

	for_each_verb(verb, call->request->verbs)
		if (is_in_group(*verb, group)) {
			print_row(call, *verb);
			found = true;
		}
	return found;
}

/* "ioas" alone, or with something that is none of its verbs: name those that there are. */
static bool list_group(const struct call *call, int argc, char **argv)
{
	const char *group = argv[0];
	char names[256] = "", meant[NEAR_ROOM];
	size_t used = 0;

	for_each_verb(verb, call->request->verbs)
		if (is_in_group(*verb, group))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
						 used ? ", " : "", (*verb)->name + strlen(group) + 1);
	if (!used)
		return false;
	msg_usage(call->output, "'%s' needs one of: %s%s", group, names,
		  argc > 1 ? meant_verb(call->request->verbs, argc, argv, meant) : "");
	return true;
}

static bool asks_for_help(const char *word)
{
	return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int help_without_verb(const struct call *call, int argc, char **argv)
{
	if (argc > 1 && asks_for_help(argv[1]) && help_group(call, argv[0]))
		return EXIT_DONE;
	return help_unknown_verb(call, argc, argv);
}

int help_unknown_verb(const struct call *call, int argc, char **argv)
{
	char meant[NEAR_ROOM];

	if (argc == 0)
		return msg_usage(call->output, "a verb is missing");
	if (!list_group(call, argc, argv))
		msg_usage(call->output, "unknown verb '%s'%s", argv[0],
			  meant_verb(call->request->verbs, argc, argv, meant));
	return EXIT_USAGE;
}
