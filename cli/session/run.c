/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/run.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolve/arguments.h"
#include "resolve/blank.h"
#include "resolve/own-hint.h"
#include "session/request.h"
#include "session/socket.h"
#include "util/process.h"

enum {
	KEEP_BUFFER = 1 << 20,
	ANSWER_MOST = 64 << 20, /* one answer */
	TURN_MS = 10,		/* of a command that can pause */
};

static void reset_buffer(struct buffer *out)
{
	if (out->cap > KEEP_BUFFER) {
		free(out->buf);
		*out = (struct buffer){ .fd = -1 };
	}
	out->most = ANSWER_MOST;
	out->len = 0;
	out->error = 0;
}

void holder_reset_output(struct holder *h)
{
	reset_buffer(&h->out);
	reset_buffer(&h->err);
	h->n_fds = 0;
	h->n_ours = 0;
}

int holder_refuse(struct holder *h, const char *why)
{
	buf_format(&h->err, PROGRAM ": %s\n", why);
	return EXIT_FAILED;
}

/* A request's execute(): the client has sent the command here. */
static int execute(struct call *call)
{
	const struct verb *verb = call->verb;

	if (!verb->holder && !call_needs_context(call))
		return msg_usage(call->output, "not possible in a session");
	if (call->request->progress->paused)
		return verb->holder ? verb->go_on(call) : command_execute(call);
	return arguments_resolve(call) ?: verb->holder ? verb->holder(call) : command_execute(call);
}

/* Whatever the command did is written down, and its output is whole; or the client is told. */
static int check_done(struct holder *h, int code)
{
	const char *why = "the session has no memory for so much output";

	requests_watch(h);
	journal_end(&h->ctx);
	if (code == EXIT_PAUSED)
		return code;
	if (!journal_is_whole(&h->ctx))
		code = holder_refuse(h, "what this command did is done, but a crash of the session would "
					 "lose it: there is no room to write it down");
	if (!h->out.error && !h->err.error)
		return code;
	if (h->out.error == EFBIG || h->err.error == EFBIG)
		why = "the answer has more than the 64 MiB that a session prints (EFBIG)";
	reset_buffer(&h->out);
	if (h->err.error)
		reset_buffer(&h->err);
	return holder_refuse(h, why);
}

/* What a command for this session begins with, where it is not the one that is meant without a name. */
static const char *program_of(const struct holder *h, char text[static sizeof(PROGRAM " -s ") + NAME_LENGTH])
{
	if (strcmp(h->name, DEFAULT_SESSION) == 0)
		return NULL;
	sprintf(text, PROGRAM " -s %s", h->name);
	return text;
}

int holder_run_packet(struct holder *h, struct client *client, size_t len, size_t n_fds,
		      struct progress *progress)
{
	char program[sizeof(PROGRAM " -s ") + NAME_LENGTH];
	struct request request = {
		.verbs = h->verbs,
		.execute = execute,
		.ctx = &h->ctx,
		.output = { .out = &h->out, .err = &h->err, .program = program_of(h, program) },
		.fill = fill_blank,
		.own_hint = own_hint,
		.holder = h,
		.client = client,
		.passed = h->passed,
		.n_passed = progress->paused ? 0 : n_fds,
		.progress = progress,
	};
	int rc = iommufd_session_unpack_request(h->packet, len, n_fds, &h->request);

	if (rc == -EPROTONOSUPPORT)
		return holder_refuse(h, "the session speaks another protocol: is it older than this program? "
					 "('session restart' takes it along)");
	if (rc < 0)
		return holder_refuse(h, "the session was sent what is no command");
	for (size_t i = 0; i < n_fds; i++)
		h->passed[i].index = h->request.words[i];
	request.output.json = h->request.flags & IOMMUFD_SESSION_JSON;
	request.output.verbose = h->request.flags & IOMMUFD_SESSION_VERBOSE;
	progress->until = clock_ms() + TURN_MS;
	return check_done(h, command_run(&request, (int)h->request.argc, h->request.argv));
}
