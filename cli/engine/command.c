/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/command.h"
#include <string.h>

#include "context/context.h"
#include "engine/help.h"
#include "engine/value.h"
#include "util/process.h"

const struct argument *verb_argument(const struct verb *verb, int i)
{
	const struct argument *arg = verb->args;

	for (; i > 0 && arg[1].name; i--)
		arg++;
	return arg;
}

int verb_min_args(const struct verb *verb)
{
	int n = 0;

	for (const struct argument *arg = verb->args; arg->name; arg++)
		n += !(arg->flags & (ARG_OPTIONAL | ARG_TOGETHER));
	return n;
}

int verb_max_args(const struct verb *verb)
{
	int n = 0;

	for (const struct argument *arg = verb->args; arg->name; arg++) {
		if (arg->flags & ARG_REPEATS)
			return ANY_NUMBER;
		n += arg->type == ARG_VERB ? 2 : 1; /* its name may be two words */
	}
	return n;
}

/* How many words of argv are the name, 0: they are not. Exact, never by prefix. */
static int matches(const char *name, int argc, char **argv)
{
	size_t len = strcspn(name, " ");

	if (strlen(argv[0]) != len || strncmp(name, argv[0], len) != 0)
		return 0;
	if (!name[len])
		return 1;
	return argc > 1 && strcmp(name + len + 1, argv[1]) == 0 ? 2 : 0;
}

const struct verb *verb_find(const struct verb_group *groups, int argc, char **argv, int *ret_words)
{
	if (!argc || !*argv[0])
		return NULL;
	for_each_verb(verb, groups)
		if ((*ret_words = matches((*verb)->name, argc, argv)))
			return *verb;
	return NULL;
}

bool call_has_iommufd(const struct call *call)
{
	return !call->output->file && (call->ctx->borrowed || call->ctx->path);
}

/* A verb that needs no context has no use for the options that choose one. */
static int check_no_context(const struct call *call)
{
	if (call->request->once)
		return msg_usage(call->output, "--once has no meaning here");
	if (call_has_iommufd(call) && !call->verb->opens && !(call_uses_context(call) && call->ctx->borrowed))
		return msg_usage(call->output, "--iommufd has no meaning here");
	return EXIT_DONE;
}

int command_check_place(const struct call *call)
{
	if (call->verb->alone && call->output->file)
		return msg_usage(call->output, "not possible inside a batch");
	if (!call_needs_context(call))
		return check_no_context(call);
	if (call->ctx->kind != CONTEXT_INHERITED)
		return EXIT_DONE;
	if (call->request->once)
		return msg_usage(call->output,
				 "--once has no meaning here: whoever keeps the iommufd keeps what is made in it");
	if ((call->verb->needs & NEEDS_LASTING) == NEEDS_LASTING) {
		/* Memory has no need of the iommufd. */
		msg_fail(call->output, NULL, "this %s would be gone when the command ends",
			 call->verb->needs & NEEDS_IOMMUFD & ~NEEDS_LASTING ? "queue" : "memory");
		msg_hint(call->output, "run it in '" PROGRAM " --iommufd fd:%d batch FILE'", call->ctx->iommufd);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

bool call_is_over_time(const struct call *call)
{
	return call->request->progress && clock_ms() >= call->request->progress->until;
}

int command_execute(struct call *call)
{
	const struct progress *progress = call->request->progress;
	int rc;

	if (call->output->verbose)
		iommufd_set_trace(msg_trace, (void *)call->output);
	rc = progress && progress->paused ? call->verb->go_on(call) : call->verb->run(call);
	if (call->output->verbose)
		iommufd_set_trace(NULL, NULL);
	if (rc == EXIT_DONE && call->request->once && call->verb->makes)
		msg_note(call->output, "done, and released again (--once)");
	return rc;
}

static int check_args(const struct call *call)
{
	int max = verb_max_args(call->verb);
	char text[ARGS_LENGTH];

	if (call->n_args < verb_min_args(call->verb))
		return msg_usage(call->output, "an argument is missing: expected %s",
				 help_args(call->verb, text));
	if (max != ANY_NUMBER && call->n_args > max)
		return msg_usage(call->output, "surplus argument '%s'", call->args[max]);
	if (call->verb->in_order)
		return EXIT_DONE;
	for (char **arg = call->args; *arg; arg++)
		if (!**arg)
			return msg_usage(call->output, "an argument is empty");
	return EXIT_DONE;
}

static int check_json(const struct call *call, struct output *output)
{
	bool asked = opt_given(call, OPT_JSON) || (output->json && !output->file);

	if (call->verb->no_json && asked)
		return msg_usage(output, "it has no JSON form");
	output->json = output->json || asked;
	return EXIT_DONE;
}

/* false: there is nothing to execute, *ret is the exit code. */
static bool prepare(struct command *command, const struct request *request, int argc, char **argv, int *ret)
{
	struct call *call = &command->call;
	int n;

	command->output = request->output;
	memset(command->objects, 0, sizeof(command->objects));
	memset(command->values, 0, sizeof(command->values));
	*call = (struct call){ .request = request, .ctx = request->ctx, .output = &command->output,
			       .values = command->values, .objects = command->objects,
			       .words = command->words, .n_words = argc };
	call->verb = verb_find(request->verbs, argc, argv, &n);
	if (!call->verb)
		return *ret = help_without_verb(call, argc, argv), false;
	command->output.verb = call->verb->name;
	command->output.fill = request->fill;
	command->output.own_hint = request->own_hint;
	command->output.hint_arg = call;
	/* Only a session needs them as they came: a line of a batch, which may have more, is never sent. */
	if (argc <= IOMMUFD_SESSION_WORDS)
		memcpy(command->words, argv, (size_t)argc * sizeof(*argv));
	*ret = option_parse(call, argv + n, n, command->given, command->arg_indexes);
	if (*ret != EXIT_DONE)
		return false;
	command->output.verbose = command->output.verbose || opt_given(call, OPT_VERBOSE);
	if (opt_given(call, OPT_HELP))
		return *ret = help_verb(call, call->verb), false;
	*ret = check_json(call, &command->output) ?: check_args(call) ?: values_parse(call);
	return *ret == EXIT_DONE;
}

int command_run(const struct request *request, int argc, char **argv)
{
	struct command command;
	int rc;

	return prepare(&command, request, argc, argv, &rc) ? request->execute(&command.call) : rc;
}
