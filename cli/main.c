/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iommufdctl: the command line, and who executes what it says: this process, or a session. */
#include "main.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "engine/help.h"
#include "resolve/arguments.h"
#include "resolve/blank.h"
#include "resolve/iommufd.h"
#include "resolve/own-hint.h"
#include "session/client.h"
#include "session/socket.h"
#include "util/shellwords.h"
#include "verbs.h"
#include "verbs/welcome.h"

/* --- who executes --- */

/* The command that was typed, where it can stand for a while. */
static void hint_contexts(const struct call *call)
{
	struct buffer words = { .fd = -1 };

	if (call->n_words <= IOMMUFD_SESSION_WORDS)
		shellwords_join(&words, call->n_words, call->words);
	buf_char(&words, '\0');
	if (!words.error)
		msg_hint(call->output,
			 "keep one with '" PROGRAM " session start', or run it in '" PROGRAM " batch FILE', or on fds "
			 "that the shell keeps (exec 3<>/dev/iommu; " PROGRAM " --iommufd fd:3%s), or try it with '" PROGRAM
			 " --once%s'", words.buf, words.buf);
	free(words.buf);
}

static int refuse_no_context(const struct call *call)
{
	msg_fail(call->output, NULL,
		 "it needs a context: iommufd objects die with the process that opened them");
	if (!call->ctx->path)
		session_hint_running(call->output, "these sessions run, name one with -s");
	hint_contexts(call);
	return EXIT_USAGE;
}

/* -s, where it is given: does it go with the verb and the other options? */
static int check_session_option(const struct call *call)
{
	if (!call->request->session)
		return EXIT_DONE;
	if (!call_uses_context(call) && call->verb->needs != NEEDS_SESSION && !call->verb->has_lines)
		return msg_usage(call->output, "--session has no meaning here");
	if (call->request->once || call_has_iommufd(call))
		return msg_usage(call->output, "--session does not go with --once or --iommufd");
	if (call->n_args && call->verb->args[0].type == ARG_SESSION)
		return msg_usage(call->output, "surplus argument '%s': --session names one already",
				 call->args[0]);
	return EXIT_DONE;
}

/* Is the verb about a session? In a batch what the context has itself needs none. */
static bool is_about_session(const struct call *call)
{
	if (call->verb->needs != NEEDS_SESSION || call->request->once || call_has_iommufd(call))
		return false;
	return !call->verb->run || call->ctx->kind != CONTEXT_LASTING;
}

int main_execute(struct call *call)
{
	bool is_lone = call->ctx->kind == CONTEXT_NONE && call_uses_context(call);
	int rc = check_session_option(call);

	if (rc)
		return rc;
	if (is_about_session(call) && call->verb->client)
		return call->verb->client(call);
	if (is_about_session(call))
		return session_forward(call, session_of(call));
	if (is_lone && !call->ctx->path && session_try(call, &rc))
		return rc;
	if (is_lone && call_needs_context(call))
		return refuse_no_context(call);
	return command_check_place(call) ?: arguments_resolve(call) ?: command_execute(call);
}

/* --- the command line --- */

/*
 * A standard stream that is closed would become the next file to be opened: text for stdout would be
 * written into the registers of a device. Fill the gap, with the wrong direction so that use fails.
 */
static void fill_standard_fds(void)
{
	struct pollfd fds[3] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	if (poll(fds, 3, 0) <= 0)
		return;
	for (int i = 0; i < 3; i++)
		if (fds[i].revents & POLLNVAL && open("/dev/null", i ? O_RDONLY : O_WRONLY) != i)
			_exit(EXIT_FAILED);
}

/* A cdev has a major number of those that the kernel gives away; a terminal, or /dev/null, an old one. */
static bool may_be_device(int fd)
{
	enum { FIRST_DYNAMIC_MAJOR = 234 };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return true;
	if (S_ISCHR(st.st_mode))
		return major(st.st_rdev) >= FIRST_DYNAMIC_MAJOR;
	return !(st.st_mode & S_IFMT);
}

/* Output to a device would be written into its registers: fill its place as if it were closed. */
static void leave_devices(void)
{
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		int null;

		if (!may_be_device(fd) || iommufd_fd_kind(fd) == IOMMUFD_FD_STREAM)
			continue;
		null = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (null < 0 || dup2(null, fd) != fd)
			_exit(EXIT_FAILED);
		close(null);
	}
}

enum { PROGRAM_ROOM = 128 };

/* The program with the options that choose the context, as hints have it. */
static const char *program_with(const struct call *call, char text[PROGRAM_ROOM])
{
	const char *session = opt_value(call, OPT_SESSION), *iommufd = opt_value(call, OPT_IOMMUFD);
	int len = PROGRAM_ROOM;

	if (session)
		len = snprintf(text, PROGRAM_ROOM, PROGRAM " -s %s", session);
	else if (iommufd)
		len = snprintf(text, PROGRAM_ROOM, PROGRAM " --iommufd %s", iommufd);
	return len < PROGRAM_ROOM ? text : NULL;
}

/* call: of the words before the verb, and their options. The rest of them are a command. */
static int run(const struct call *call, struct request *request)
{
	const char *iommufd = opt_value(call, OPT_IOMMUFD);
	char program[PROGRAM_ROOM];
	int rc = EXIT_DONE;

	request->output.program = program_with(call, program);
	request->output.json = opt_given(call, OPT_JSON);
	request->output.verbose = opt_given(call, OPT_VERBOSE);
	request->once = opt_given(call, OPT_ONCE);
	request->session = opt_value(call, OPT_SESSION);
	if (opt_given(call, OPT_HELP))
		return help_all(call);
	if (opt_given(call, OPT_VERSION)) {
		buf_str(call->output->out, PROGRAM " " LIBIOMMUFD_VERSION "\n");
		return EXIT_DONE;
	}
	if (!call->n_args && !call->n_given)
		return welcome(call);
	if (iommufd)
		rc = adopt_iommufd(call->ctx, call->output, iommufd);
	if (call->ctx->borrowed)
		call->ctx->kind = CONTEXT_INHERITED;
	else if (request->once)
		call->ctx->kind = CONTEXT_ONCE;
	return rc ?: command_run(request, call->n_args, call->args);
}

/* No byte of output may be lost in silence; where those for stderr are, the exit code alone tells. */
static int close_output(const struct output *output, int rc)
{
	int error = buf_flush(output->out);

	if (error) {
		/* The stream is of no use any more; what is said about it goes to the other one. */
		msg_fail(output, NULL, "write error on the standard output: %s", msg_error_text(error));
		rc = rc ?: EXIT_FAILED;
	}
	return buf_flush(output->err) && !rc ? EXIT_FAILED : rc;
}

int main(int argc, char **argv)
{
	static const struct verb globals = { .name = "", .options = global_options, .in_order = true };
	static char out_buf[65536], err_buf[4096];
	struct buffer out = { .fd = STDOUT_FILENO, .buf = out_buf, .cap = sizeof(out_buf) };
	struct buffer err = { .fd = STDERR_FILENO, .buf = err_buf, .cap = sizeof(err_buf) };
	struct context ctx;
	struct request request = {
		.verbs = verb_groups,
		.execute = main_execute,
		.ctx = &ctx,
		.output = { .out = &out, .err = &err },
		.fill = fill_blank,
		.own_hint = own_hint,
	};
	struct call call = { .request = &request, .ctx = &ctx, .output = &request.output, .verb = &globals };
	struct given given[MAX_GIVEN];
	uint16_t indexes[IOMMUFD_SESSION_WORDS];
	int rc;

	fill_standard_fds();
	leave_devices();
	context_init(&ctx, CONTEXT_NONE);
	rc = argc ? option_parse(&call, argv + 1, 0, given, indexes) ?: run(&call, &request) : EXIT_USAGE;
	return close_output(&request.output, rc);
}
