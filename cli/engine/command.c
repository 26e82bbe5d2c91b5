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
	fail(call, NULL, "it needs a context: iommufd objects die with the process that opened them");
	if (!call->ctx->path)
		hint_running(call, "these sessions run, name one with -s");
	hint(call, "keep one with '" PROGRAM " session start', or run it in '" PROGRAM " batch FILE', or on fds that the "
		   "shell keeps (exec 3<>/dev/iommu; " PROGRAM " --iommufd fd:3 ...), or try it with --once");
	return EXIT_USAGE;
}

/* On this command line; the lines of a batch are not asked. */
static bool is_given_iommufd(const struct call *call)
{
	return !call->from->file && (call->ctx->borrowed || call->ctx->path);
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
		return usage(call, "not possible in a session");
	if (call->from->session && !in_session)
		return usage(call, "--session has no meaning here");
	if (call->from->session && (call->from->once || is_given_iommufd(call)))
		return usage(call, "--session does not go with --once or --iommufd");
	if (verb->flags & VERB_SESSION && !call->from->once && !is_given_iommufd(call))
		return call->from->session && call->n_args && !verb->min && verb->max == 1
			       ? usage(call, "surplus argument '%s': --session names one already", call->args[0])
			       : EXIT_DONE;
	if (verb->flags & VERB_ALONE && call->from->file)
		return usage(call, "not possible inside a batch");
	if (!in_context) {
		if (call->from->once)
			return usage(call, "--once has no meaning here");
		if (is_given_iommufd(call) && !(verb->flags & VERB_OPENS))
			return usage(call, "--iommufd has no meaning here");
		return EXIT_DONE;
	}
	if (kind == CONTEXT_NONE)
		return refuse_no_context(call);
	if (kind == CONTEXT_INHERITED && call->from->once)
		return usage(call, "--once has no meaning here: whoever keeps the iommufd keeps what is made in it");
	if (kind == CONTEXT_INHERITED && verb->flags & VERB_MEMORY) {
		fail(call, NULL, "this memory would be gone when the command ends");
		hint(call, "run it in '" PROGRAM " --iommufd fd:N batch FILE'");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int check_args(const struct call *call)
{
	const struct verb *verb = call->verb;

	if (call->n_args < verb->min)
		return usage(call, "an argument is missing: expected %s", verb->args);
	if (verb->max != ANY_NUMBER && call->n_args > verb->max)
		return usage(call, "surplus argument '%s'", call->args[verb->max]);
	if (verb->flags & VERB_IN_ORDER)
		return EXIT_DONE;
	for (char **arg = call->args; *arg; arg++)
		if (!**arg)
			return usage(call, "an argument is empty");
	return EXIT_DONE;
}

static int check_json(struct call *call)
{
	bool asked = option(call, OPT_JSON) || (call->from->json && !call->from->file);

	if (call->verb->flags & VERB_NO_JSON && asked)
		return usage(call, "it has no JSON form");
	call->json = call->from->json || asked;
	return EXIT_DONE;
}

static int run(struct call *call)
{
	int rc;

	if (call->verbose)
		iommufd_set_trace(report_trace, call);
	rc = call->verb->run(call);
	if (call->verbose)
		iommufd_set_trace(NULL, NULL);
	if (rc == EXIT_DONE && call->from->once && call->verb->flags & VERB_MAKES)
		note(call, "done, and released again (--once)");
	return rc;
}

/* A lone command that needs a context: there may be a session to have it run. */
static bool is_for_session(const struct call *call)
{
	return call->ctx->kind == CONTEXT_NONE && !call->ctx->path && !call->from->file &&
	       !call->from->holder && needs_context(call);
}

bool command_sort(struct command *command, struct request *from, int argc, char **argv, int *ret)
{
	struct call *call = &command->call;
	int n;

	*call = (struct call){ .from = from, .ctx = from->ctx, .out = from->out, .err = from->err };
	call->verb = verb_find(argc, argv, &n);
	if (!call->verb)
		return *ret = help_unknown_verb(call, argc, argv), false;
	if (!from->file && !from->holder && argc <= IOMMUFD_SESSION_WORDS)
		for (int i = 0; i < argc; i++)
			command->words[i] = argv[i]; /* before they are sorted */
	call->words = command->words;
	call->n_words = argc;
	if ((*ret = parse_options(call, argv + n, command->given)) != EXIT_DONE)
		return false;
	call->verbose = from->verbose || option(call, OPT_VERBOSE);
	if (option(call, OPT_HELP))
		return *ret = help_verb(call, call->verb), false;
	if ((*ret = check_json(call)) != EXIT_DONE || (*ret = check_args(call)) != EXIT_DONE)
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
