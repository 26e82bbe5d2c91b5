/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session exec: a session's fds to a program. Devices leave the session when the program has started. What
 * the holder is sent is the same verb, with what the program's words name in the place of them: its part is
 * verbs/session-give.c.
 */
#include "verbs/session-exec.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/value.h"
#include "context/fds.h"
#include "resolve/iommufd.h"
#include "session/child.h"
#include "session/client.h"
#include "verbs/session-give.h"

/* What CMD's words and the options ask for, each once, and what came for it. */
struct wanted {
	char *refs[IOMMUFD_SESSION_FDS];
	const char *options[IOMMUFD_SESSION_FDS]; /* of --device, NULL: none is about it */
	bool named[IOMMUFD_SESSION_FDS]; /* by a word of its own */
	int fds[IOMMUFD_SESSION_FDS];
	size_t count;
	bool wants_own; /* CMD gets an iommufd of its own ... */
	int own;	/* ... which is this one */
};

static size_t find_ref(const struct wanted *wanted, const char *ref)
{
	size_t i = 0;

	while (i < wanted->count && strcmp(wanted->refs[i], ref) != 0 &&
	       !(wanted->options[i] && is_named_by(wanted->options[i], ref)))
		i++;
	return i;
}

static bool is_own_iommufd(const struct call *call, const char *ref)
{
	return strcmp(ref, IOMMUFD_WORD) == 0 && !opt_given(call, OPT_SHARE_IOMMUFD);
}

static int add_ref(const struct call *call, struct wanted *wanted, const char *ref, const char *option)
{
	size_t i = wanted->count;

	if (i == IOMMUFD_SESSION_FDS)
		return msg_usage(call->output, "more than %d fds", IOMMUFD_SESSION_FDS);
	wanted->refs[i] = strdup(ref);
	if (!wanted->refs[i])
		return msg_fail_errno(call->output, ref, ENOMEM);
	wanted->options[i] = option;
	wanted->named[i] = false;
	wanted->count++;
	return EXIT_DONE;
}

static int collect_ref(const struct call *call, void *arg, const char *ref, bool whole, int *ret)
{
	struct wanted *wanted = arg;
	size_t i = find_ref(wanted, ref);
	int rc = EXIT_DONE;

	*ret = 0;
	if (is_own_iommufd(call, ref)) {
		wanted->wants_own = true;
		return EXIT_DONE;
	}
	if (i == wanted->count)
		rc = add_ref(call, wanted, ref, NULL);
	if (rc == EXIT_DONE)
		wanted->named[i] = wanted->named[i] || whole;
	return rc;
}

static int collect_options(const struct call *call, struct wanted *wanted)
{
	int rc = EXIT_DONE;

	for (int i = 0; i < call->n_given && !rc; i++) {
		const char *value = call->given[i].value, *equals = value ? strrchr(value, '=') : NULL;

		if (call->given[i].option->key != OPT_DEVICE)
			continue;
		if (equals == value || !*value || (equals && !is_name(equals + 1)))
			return msg_usage(call->output, "--device needs DEV or DEV=NAME");
		rc = add_ref(call, wanted, equals ? equals + 1 : value, value);
	}
	return rc;
}

static int given_fd(const struct call *call, void *arg, const char *ref, bool whole, int *ret)
{
	const struct wanted *wanted = arg;

	(void)whole;
	*ret = is_own_iommufd(call, ref) ? wanted->own : wanted->fds[find_ref(wanted, ref)];
	return EXIT_DONE;
}

/* A command to the session that no user has typed. EXIT_DONE when it agreed; what it says is printed. */
static int ask_session(const struct call *call, const char *name, int session, size_t n_words,
		       const char *const *words, struct iommufd_session_reply *reply)
{
	struct call asking = { .request = call->request, .ctx = call->ctx, .output = call->output,
			       .verb = call->verb, .words = words, .n_words = (int)n_words };
	int rc = session_ask(&asking, name, session, reply);

	if (rc)
		return rc;
	buf_flush(call->output->err);
	return reply->code;
}

/* The words by which the holder is asked. It need not know of an iommufd that is not its own. */
static size_t put_request(const struct call *call, const struct wanted *wanted, const char **words)
{
	size_t n = 0;

	words[n++] = "session";
	words[n++] = "exec";
	if (opt_given(call, OPT_SHARE))
		words[n++] = "--share";
	if (opt_given(call, OPT_UNBIND))
		words[n++] = "--unbind";
	if (!wanted->wants_own)
		words[n++] = "--share-iommufd";
	words[n++] = "--for";
	words[n++] = call->args[0];
	for (size_t i = 0; i < wanted->count; i++) {
		if (!wanted->named[i] && !wanted->options[i])
			continue;
		words[n++] = "--device";
		words[n++] = wanted->options[i] ?: wanted->refs[i];
	}
	words[n++] = "--";
	for (size_t i = 0; i < wanted->count; i++)
		words[n++] = wanted->refs[i];
	return n;
}

static int take_fds(const struct call *call, const char *name, int session, struct wanted *wanted)
{
	const char *words[3 * IOMMUFD_SESSION_FDS + 8];
	struct iommufd_session_reply reply;
	int rc;

	if (!wanted->count)
		return EXIT_DONE;
	rc = ask_session(call, name, session, put_request(call, wanted, words), words, &reply);
	if (rc)
		return rc;
	if (reply.n_fds != wanted->count)
		return msg_fail(call->output, name, "the session sent %zu fds of %zu", reply.n_fds,
				wanted->count);
	for (size_t i = 0; i < wanted->count; i++) {
		wanted->fds[i] = reply.fds[i];
		fd_inherit(reply.fds[i]);
	}
	return EXIT_DONE;
}

/* Limits are those of the process that maps, where this user may say so. */
static int open_own(const struct call *call, struct wanted *wanted)
{
	int rc;

	if (!wanted->wants_own)
		return EXIT_DONE;
	rc = iommufd_open(NULL, &wanted->own);
	if (rc < 0)
		return fail_open_iommufd(call->output, NULL, rc);
	rc = iommufd_option_set(wanted->own, IOMMUFD_RLIMIT_MODE, 0, 1);
	if (rc < 0 && rc != -EPERM)
		return msg_fail_op(call->output, "/dev/iommu", IOMMUFD_OP_OPTION_SET, rc,
				   IOMMUFD_KIND_UNKNOWN);
	fd_inherit(wanted->own);
	return EXIT_DONE;
}

/* The iommufd first, then in the order in which they were named. */
static int place_all(const struct call *call, struct wanted *wanted)
{
	struct handed_fd list[IOMMUFD_SESSION_FDS + 1];
	size_t n = 0;

	if (wanted->wants_own)
		list[n++] = (struct handed_fd){ IOMMUFD_WORD, &wanted->own };
	for (size_t i = 0; i < wanted->count; i++)
		list[n++] = (struct handed_fd){ wanted->refs[i], &wanted->fds[i] };
	return place_fds(call, list, n);
}

/* What the words become; nothing has left the session yet. */
static int prepare_words(const struct call *call, const char *name, int session, struct wanted *wanted,
		   char ***ret_words)
{
	int rc = collect_options(call, wanted) ?: substitute_words(call, collect_ref, wanted, ret_words);

	free_words(*ret_words);
	*ret_words = NULL;
	if (rc == EXIT_DONE && opt_given(call, OPT_UNBIND))
		rc = find_program(call, call->args[0]);
	return rc ?: open_own(call, wanted) ?: take_fds(call, name, session, wanted) ?:
	       place_all(call, wanted) ?: substitute_words(call, given_fd, wanted, ret_words);
}

static int hand_over(const struct call *call, const char *name, int session, struct wanted *wanted)
{
	const char *confirm[] = { "session", "confirm" }, *keep[] = { "session", "keep" };
	struct iommufd_session_reply reply;
	char **words = NULL;
	int rc = prepare_words(call, name, session, wanted, &words);
	bool moves = wanted->count && !opt_given(call, OPT_SHARE);
	if (rc == EXIT_DONE && moves)
		rc = ask_session(call, name, session, 2, confirm, &reply);
	if (rc == EXIT_DONE) {
		/* The connection closes with the exec, which is how the session learns that it came about. */
		rc = become(call, words);
		if (moves)
			ask_session(call, name, session, 2, keep, &reply);
		if (moves && opt_given(call, OPT_UNBIND))
			msg_note(call->output, "the devices are unbound, and the session has them no more");
	}
	free_words(words);
	return rc;
}

/* Out of the way of what --fd-base places. */
static int move_away(const struct call *call, int session)
{
	int fd;

	if (!opt_given(call, OPT_FD_BASE))
		return session;
	fd = fcntl(session, F_DUPFD_CLOEXEC, (int)opt_u32(call, OPT_FD_BASE, 0) + 2 * IOMMUFD_SESSION_FDS);
	if (fd < 0)
		return session; /* place_fds() says why */
	close(session);
	return fd;
}

static int connect_and_become(const struct call *call, void *unused)
{
	const char *name = session_of(call);
	struct wanted wanted = { .count = 0, .own = -1 };
	int rc, session = session_connect(call, name, &rc);

	(void)unused;
	if (session < 0)
		return rc;
	session = move_away(call, session);
	rc = hand_over(call, name, session, &wanted);
	while (wanted.count)
		free(wanted.refs[--wanted.count]);
	close(session);
	return rc;
}

/* Whoever connects is known to have the devices: in a batch that is the child. */
static int exec_in_client(struct call *call)
{
	if (opt_given(call, OPT_SHARE) && opt_given(call, OPT_UNBIND))
		return msg_usage(call->output, "--share and --unbind exclude each other");
	return call->output->file ? run_and_wait(call, connect_and_become, NULL)
				  : connect_and_become(call, NULL);
}

const struct verb verb_session_exec = {
	.name = "session exec", .summary = "Move devices out to a program",
	.example = PROGRAM " session exec --device nic -- ls -l /proc/self/fd/{fd:nic}",
	.details = "In CMD's words {fd:iommufd}, {fd:DEV} and {fd:mem:NAME} become fd numbers. A DEV that the "
		   "session has not bound is opened for CMD, and left unbound, as a VMM wants it.",
	.args = { { "-- CMD", ARG_COMMAND }, { "ARG", ARG_TEXT, ARG_OPTIONAL | ARG_REPEATS } },
	.options = OPTIONS(
		{ "device", OPT_DEVICE, { "DEV[=NAME]", ARG_NEW_DEVICE },
		  "Hand over this device, wherever {fd:DEV} stands", OPTION_REPEATS },
		{ "unbind", OPT_UNBIND, .help = "Unbind the session's devices for it, as a VMM wants them" },
		{ "share", OPT_SHARE, .help = "The session keeps the devices, too" },
		{ "share-iommufd", OPT_SHARE_IOMMUFD, .help = "{fd:iommufd} is the session's, not a new one" },
		FD_BASE_OPTION,
		{ "for", OPT_FOR, { "CMD" }, "Used between this program and the session" }),
	.needs = NEEDS_SESSION, .in_order = true, .no_json = true, .client = exec_in_client,
	.holder = session_give,
};
