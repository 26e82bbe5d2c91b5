/* SPDX-License-Identifier: GPL-2.0-or-later */
/* batch: many commands in one process and one context. */
#include "verbs/batch.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context/close.h"
#include "context/device.h"
#include "context/ioas.h"
#include "resolve/file.h"
#include "session/client.h"
#include "util/shellwords.h"

enum {
	LINE_LENGTH = 65536,
	LINE_WORDS = LINE_LENGTH / 2 + 1,
	READ_AHEAD = 2 * LINE_LENGTH,
	OPT_KEEP_GOING = OPT_OWN,
	OPT_HOLD,
	OPT_ECHO,
};

struct reader {
	int fd;
	bool eof;
	size_t start, end; /* what is read and not used yet */
	size_t line;	   /* number of the line at start */
	char buf[READ_AHEAD + 1];     /* a newline at end, so that the last line has one, too */
	char store[LINE_LENGTH + 1];  /* the words of a line */
	char *words[LINE_WORDS + 1];
};

/* Answers go out before we wait for the next question, so that a pipe at both ends is a dialogue. */
static int fill_buffer(struct reader *r, struct buffer *out)
{
	const size_t have = r->end - r->start;
	ssize_t n;

	if (have > LINE_LENGTH)
		return -EMSGSIZE;
	memmove(r->buf, r->buf + r->start, have);
	r->end = have;
	r->start = 0;
	buf_flush(out);
	do
		n = read(r->fd, r->buf + have, READ_AHEAD - have);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	r->eof = n == 0;
	r->end = have + (size_t)n;
	r->buf[r->end] = '\n';
	return 0;
}

/* The length of what lies before the first newline at or behind from. 1: there is a line, 0: the end. */
static int find_line(struct reader *r, struct buffer *out, size_t from, size_t *ret_len)
{
	size_t seen = from; /* no newline between from and here */
	int rc = 0;

	if (from > r->end - r->start)
		return 0; /* the line before ended the file, without a newline */
	while (rc == 0) {
		size_t have = r->end - r->start;
		const char *newline = memchr(r->buf + r->start + seen, '\n', have - seen);

		if (newline || r->eof) {
			*ret_len = newline ? (size_t)(newline - r->buf) - r->start : have;
			if (*ret_len > LINE_LENGTH)
				return -EMSGSIZE;
			return newline || have > from;
		}
		seen = have;
		rc = fill_buffer(r, out);
	}
	return rc;
}

static int bad_line(const struct call *call, const char *what)
{
	msg_fail(call->output, NULL, "%s", what);
	return EXIT_USAGE;
}

static int bad_split(const struct call *call, enum shellwords_result why)
{
	static const char *const texts[] = {
		[WORDS_MORE] = "the file ends in a backslash",
		[WORDS_UNTERMINATED] = "a quote is not closed",
		[WORDS_NUL] = "a NUL byte: this is no text",
		[WORDS_TOO_MANY] = "too many words",
	};

	return bad_line(call, texts[why]);
}

/* The next command's words. EXIT_DONE with *n of -1: the end. The line's number goes to from. */
static int next_command(const struct call *call, struct reader *r, struct request *from, int *n)
{
	enum shellwords_result split = WORDS_MORE;
	size_t len = 0, lines = 0;

	for (size_t at = 0; split == WORDS_MORE; at = len + 1, lines++) {
		int rc = find_line(r, from->output.out, at, &len);

		from->output.line = r->line + (lines && rc > 0 ? 0 : 1);
		if (rc == -EMSGSIZE)
			return bad_line(call, "the line is longer than 65536 bytes");
		if (rc < 0)
			return msg_fail_errno(call->output, NULL, rc);
		if (rc == 0 && lines)
			return bad_split(call, WORDS_MORE);
		if (rc == 0) {
			*n = -1;
			return EXIT_DONE;
		}
		split = shellwords_split(r->buf + r->start, len, r->store, r->words, LINE_WORDS, n);
	}
	from->output.line = r->line + 1;
	r->line += lines;
	r->start += len < r->end - r->start ? len + 1 : len;
	return split == WORDS_OK ? EXIT_DONE : bad_split(call, split);
}

/* What an inherited iommufd keeps of a batch that failed half-way. */
static void note_left(const struct call *call)
{
	const struct context *ctx = call->ctx;
	const struct ioas *ioas;
	size_t cursor = 0;

	while (ctx->borrowed && (ioas = ioas_next(ctx, &cursor)))
		if (!ioas->adopted)
			msg_note(call->output, "left in the inherited iommufd: IOAS %u, %zu mappings",
				 ioas->object.id, ioas->mappings.count);
	for (size_t i = 0; i < ctx->devices.count; i++) {
		const struct device *device = device_at(ctx, i);

		if (device->borrowed && device->attachment == ATTACHED)
			msg_note(call->output, "left attached: fd:%d, to %u", device->fd, device->pt);
	}
}

static void echo_words(const struct request *from, int n, char **words)
{
	buf_flush(from->output.out);
	buf_char(from->output.err, '+');
	for (int i = 0; i < n; i++) {
		buf_char(from->output.err, ' ');
		buf_text(from->output.err, words[i]);
	}
	buf_char(from->output.err, '\n');
	buf_flush(from->output.err);
}

/* *end: there was none, or what came is no line. */
static int run_next(const struct call *line, struct reader *r, struct request *from, bool echoes, bool *end)
{
	int n, rc;

	rc = next_command(line, r, from, &n);
	*end = rc != EXIT_DONE || n < 0;
	if (*end || n == 0)
		return rc;
	if (echoes)
		echo_words(from, n, r->words);
	return command_run(from, n, r->words);
}

static int run_lines(const struct call *call, struct reader *r, struct request *from)
{
	struct call line = { .request = from, .ctx = from->ctx, .output = &from->output };
	bool keep_going = opt_given(call, OPT_KEEP_GOING), echoes = opt_given(call, OPT_ECHO);
	bool failed = false, end = false;
	int rc;

	do {
		rc = run_next(&line, r, from, echoes, &end);
		if (rc != EXIT_DONE && (end || !keep_going))
			break;
		failed = failed || rc != EXIT_DONE;
		rc = from->output.out->error ? EXIT_FAILED : EXIT_DONE; /* said at the end of the program */
	} while (rc == EXIT_DONE && !end);
	if (rc != EXIT_DONE)
		note_left(call);
	return rc == EXIT_DONE && failed ? EXIT_PARTLY : rc;
}

/* Ends by a signal and its default action: the kernel releases all that the process holds. */
static int hold_until_signal(const struct call *call)
{
	if (buf_flush(call->output->out))
		return EXIT_FAILED;
	msg_note(call->output, "holding everything until a signal ends it");
	for (;;)
		poll(NULL, 0, -1);
}

/* 'ulimit -f' is an error of the line that meets it, and ends neither the batch nor what it holds. */
static void outlive_file_limit(sigset_t *before)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &blocked, before);
}

static int run_file(const struct call *call, const char *name, int fd)
{
	struct request from = *call->request;
	struct reader *r = calloc(1, sizeof(*r));
	sigset_t before;
	int rc;

	if (!r)
		return msg_fail_errno(call->output, name, ENOMEM);
	outlive_file_limit(&before);
	from.signals = &before;
	r->fd = fd;
	from.output = *call->output;
	from.output.file = name;
	from.output.verb = NULL;
	from.session = NULL;
	from.lines_in = call->request->session;
	if (!from.lines_in)
		call->ctx->kind = CONTEXT_LASTING;
	rc = run_lines(call, r, &from);
	free(r);
	if ((rc == EXIT_DONE || rc == EXIT_PARTLY) && opt_given(call, OPT_HOLD))
		rc = hold_until_signal(call);
	context_free(call->ctx);
	return rc;
}

/* Any other verb would have been a session's, and this one's user may think that it is, too. */
static void note_context(const struct call *call, const char *file)
{
	const char *name = session_of(call);
	int fd;

	if (call->ctx->kind != CONTEXT_NONE || call->ctx->path || iommufd_session_connect(name, &fd) < 0)
		return;
	close(fd);
	msg_note(call->output, "in a context of its own, which ends with it; in the session it is: "
		 PROGRAM " -s %s batch %s", name, file);
}

/* The session that is to execute the lines. */
static int check_session(const struct call *call)
{
	int fd, rc = EXIT_DONE;

	if (opt_given(call, OPT_HOLD))
		return msg_usage(call->output, "--hold has no meaning in a session: it keeps everything");
	fd = session_connect(call, call->request->session, &rc);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int run_batch(struct call *call)
{
	const char *path = call->args[0];
	int fd, rc = EXIT_DONE;

	if (call->request->session)
		rc = check_session(call);
	else
		note_context(call, path);
	if (rc)
		return rc;
	if (strcmp(path, "-") == 0)
		return check_fd_kind(call, path, STDIN_FILENO, IOMMUFD_FD_STREAM) ?:
		       run_file(call, STDIN_NAME, STDIN_FILENO);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return msg_fail_errno(call->output, path, errno);
	rc = check_fd_kind(call, path, fd, IOMMUFD_FD_STREAM) ?: run_file(call, path, fd);
	close(fd);
	return rc;
}

const struct verb verb_batch = {
	.name = "batch", .summary = "Run the commands of a file in one context",
	.example = PROGRAM " batch setup.batch",
	.details = "One command a line, words as in a shell: quotes, backslash, # comments. Ends at the first "
		   "failure; everything is released at the end. With -s NAME the lines are the session's, and "
		   "what they make stays.",
	.args = { { "FILE|-", ARG_FILE } },
	.options = OPTIONS(
		{ "keep-going", OPT_KEEP_GOING, .help = "Go on after a failure; exit with 4" },
		{ "echo", OPT_ECHO, .help = "Print each command on stderr before it runs" },
		{ "hold", OPT_HOLD, .help = "Keep everything until a signal comes" }),
	.alone = true, .has_lines = true, .opens = true, .run = run_batch,
};
