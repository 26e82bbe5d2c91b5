/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One command: find its verb, sort its words, check that it may run here, run it. */
#include <string.h>

#include "cli.h"
#include "context.h"
#include "help.h"
#include "verbs.h"
#include "options.h"
#include "session.h"

static int refuse_no_context(const struct call *call)
{
	msg_fail(call->output, NULL,
		 "it needs a context: iommufd objects die with the process that opened them");
	if (!call->ctx->path)
		hint_running(call, "these sessions run, name one with -s");
	msg_hint(call->output,
		 "keep one with '" PROGRAM " session start', or run it in '" PROGRAM " batch FILE', or on fds that the "
		   "shell keeps (exec 3<>/dev/iommu; " PROGRAM " --iommufd fd:3 ...), or try it with --once");
	return EXIT_USAGE;
}

/* On this command line; the lines of a batch are not asked. */
static bool is_given_iommufd(const struct call *call)
{
	return !call->output->file && (call->ctx->borrowed || call->ctx->path);
}

static bool needs_context(const struct call *call)
{
	return call->verb->flags & VERB_CONTEXT && !(call->given_flags & OPTION_NO_CONTEXT);
}

static int check_place(const struct call *call)
{
	const struct verb *verb = call->verb;
	enum context_kind kind = call->ctx->kind;
	bool in_context = needs_context(call), in_session = in_context || verb->flags & VERB_SESSION;

	if (call->from->holder && !in_session)
		return msg_usage(call->output, "not possible in a session");
	if (call->from->session && !in_session)
		return msg_usage(call->output, "--session has no meaning here");
	if (call->from->session && (call->from->once || is_given_iommufd(call)))
		return msg_usage(call->output, "--session does not go with --once or --iommufd");
	if (verb->flags & VERB_SESSION && !call->from->once && !is_given_iommufd(call))
		return call->from->session && call->n_args && !verb->min && verb->max == 1
			       ? msg_usage(call->output,
					   "surplus argument '%s': --session names one already", call->args[0])
			       : EXIT_DONE;
	if (verb->flags & VERB_ALONE && call->output->file)
		return msg_usage(call->output, "not possible inside a batch");
	if (!in_context) {
		if (call->from->once)
			return msg_usage(call->output, "--once has no meaning here");
		if (is_given_iommufd(call) && !(verb->flags & VERB_OPENS))
			return msg_usage(call->output, "--iommufd has no meaning here");
		return EXIT_DONE;
	}
	if (kind == CONTEXT_NONE)
		return refuse_no_context(call);
	if (kind == CONTEXT_INHERITED && call->from->once)
		return msg_usage(call->output,
				 "--once has no meaning here: whoever keeps the iommufd keeps what is made in it");
	if (kind == CONTEXT_INHERITED && verb->flags & VERB_MEMORY) {
		msg_fail(call->output, NULL, "this memory would be gone when the command ends");
		msg_hint(call->output, "run it in '" PROGRAM " --iommufd fd:N batch FILE'");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int check_args(const struct call *call)
{
	const struct verb *verb = call->verb;

	if (call->n_args < verb->min)
		return msg_usage(call->output, "an argument is missing: expected %s", verb->args);
	if (verb->max != ANY_NUMBER && call->n_args > verb->max)
		return msg_usage(call->output, "surplus argument '%s'", call->args[verb->max]);
	if (verb->flags & VERB_IN_ORDER)
		return EXIT_DONE;
	for (char **arg = call->args; *arg; arg++)
		if (!**arg)
			return msg_usage(call->output, "an argument is empty");
	return EXIT_DONE;
}

static int check_json(const struct call *call, struct output *output)
{
	bool asked = option(call, OPT_JSON) || (output->json && !output->file);

	if (call->verb->flags & VERB_NO_JSON && asked)
		return msg_usage(call->output, "it has no JSON form");
	output->json = output->json || asked;
	return EXIT_DONE;
}

static int run(struct call *call)
{
	int rc;

	if (call->output->verbose)
		iommufd_set_trace(msg_trace, (void *)call->output);
	rc = call->verb->run(call);
	if (call->output->verbose)
		iommufd_set_trace(NULL, NULL);
	if (rc == EXIT_DONE && call->from->once && call->verb->flags & VERB_MAKES)
		msg_note(call->output, "done, and released again (--once)");
	return rc;
}

/* A lone command that needs a context: there may be a session to have it run. */
static bool is_for_session(const struct call *call)
{
	return call->ctx->kind == CONTEXT_NONE && !call->ctx->path && !call->output->file &&
	       !call->from->holder && needs_context(call);
}

bool command_sort(struct command *command, struct request *from, int argc, char **argv, int *ret)
{
	struct call *call = &command->call;
	int n;

	command->output = from->output;
	*call = (struct call){ .from = from, .ctx = from->ctx, .output = &command->output };
	call->verb = verb_find(argc, argv, &n);
	if (!call->verb)
		return *ret = help_unknown_verb(call, argc, argv), false;
	if (!from->output.file && !from->holder && argc <= IOMMUFD_SESSION_WORDS)
		for (int i = 0; i < argc; i++)
			command->words[i] = argv[i]; /* before they are sorted */
	command->output.verb = call->verb->name;
	call->words = command->words;
	call->n_words = argc;
	if ((*ret = parse_options(call, argv + n, command->given)) != EXIT_DONE)
		return false;
	command->output.verbose = from->output.verbose || option(call, OPT_VERBOSE);
	if (option(call, OPT_HELP))
		return *ret = help_verb(call, call->verb), false;
	if ((*ret = check_json(call, &command->output)) != EXIT_DONE ||
	    (*ret = check_args(call)) != EXIT_DONE)
		return false;
	if (is_for_session(call) && session_try(call, ret))
		return false;
	*ret = check_place(call);
	return *ret == EXIT_DONE;
}

int command_run(const struct command *command)
{
	struct call call = command->call; /* a verb may change it */

	return run(&call);
}

int run_words(struct request *from, int argc, char **argv)
{
	struct command command;
	int rc;

	return command_sort(&command, from, argc, argv, &rc) ? command_run(&command) : rc;
}
