/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session exec: a session's fds to a program. Devices leave the session when the program has started. What
 * the holder is sent is the same verb, with what the program's words name in the place of them.
 */
#include "verbs/session-exec.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/table.h"
#include "resolve/device.h"
#include "session/child.h"
#include "session/client.h"
#include "session/server.h"

enum { OPT_DEVICE = OPT_OWN };

/* What CMD's words ask for, each once, and what came for it. */
struct wanted {
	char *refs[IOMMUFD_SESSION_FDS];
	bool named[IOMMUFD_SESSION_FDS]; /* by a word of its own */
	int fds[IOMMUFD_SESSION_FDS];
	size_t count;
};

static size_t find_ref(const struct wanted *wanted, const char *ref)
{
	size_t i = 0;

	while (i < wanted->count && strcmp(wanted->refs[i], ref) != 0)
		i++;
	return i;
}

static int collect_ref(const struct call *call, void *arg, const char *ref, bool whole, int *ret)
{
	struct wanted *wanted = arg;
	size_t i = find_ref(wanted, ref);

	*ret = 0;
	if (i == IOMMUFD_SESSION_FDS)
		return msg_usage(call->output, "more than %d fds", IOMMUFD_SESSION_FDS);
	if (i == wanted->count) {
		wanted->refs[i] = strndup(ref, strlen(ref));
		if (!wanted->refs[i])
			return msg_fail_errno(call->output, ref, ENOMEM);
		wanted->named[i] = false;
		wanted->count++;
	}
	wanted->named[i] = wanted->named[i] || whole;
	return EXIT_DONE;
}

static int collect_options(const struct call *call, struct wanted *wanted)
{
	int unused, rc = EXIT_DONE;

	for (int i = 0; i < call->n_given && !rc; i++)
		if (call->given[i].option->key == OPT_DEVICE)
			rc = collect_ref(call, wanted, call->given[i].value, true, &unused);
	return rc;
}

static int given_fd(const struct call *call, void *arg, const char *ref, bool whole, int *ret)
{
	const struct wanted *wanted = arg;

	(void)call;
	(void)whole;
	*ret = wanted->fds[find_ref(wanted, ref)];
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

static int take_fds(const struct call *call, const char *name, int session, struct wanted *wanted)
{
	const char *words[3 * IOMMUFD_SESSION_FDS + 4] = { "session", "exec" };
	struct iommufd_session_reply reply;
	size_t n = 2;
	int rc;

	if (!wanted->count)
		return EXIT_DONE;
	if (opt_given(call, OPT_SHARE))
		words[n++] = "--share";
	for (size_t i = 0; i < wanted->count; i++) {
		if (!wanted->named[i])
			continue;
		words[n++] = "--device";
		words[n++] = wanted->refs[i];
	}
	words[n++] = "--";
	for (size_t i = 0; i < wanted->count; i++)
		words[n++] = wanted->refs[i];
	rc = ask_session(call, name, session, n, words, &reply);
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

static int hand_over(const struct call *call, const char *name, int session, struct wanted *wanted)
{
	const char *confirm[] = { "session", "confirm" }, *keep[] = { "session", "keep" };
	struct iommufd_session_reply reply;
	char **words = NULL;
	int rc = collect_options(call, wanted) ?: substitute_words(call, collect_ref, wanted, &words);

	free_words(words);
	words = NULL;
	if (rc == EXIT_DONE)
		rc = take_fds(call, name, session, wanted) ?:
		     substitute_words(call, given_fd, wanted, &words);
	if (rc == EXIT_DONE && !opt_given(call, OPT_SHARE) && wanted->count)
		rc = ask_session(call, name, session, 2, confirm, &reply);
	if (rc == EXIT_DONE) {
		/* The connection closes with the exec, which is how the session learns that it came about. */
		rc = become(call, words);
		if (!opt_given(call, OPT_SHARE))
			ask_session(call, name, session, 2, keep, &reply);
	}
	free_words(words);
	return rc;
}

static int connect_and_become(const struct call *call, void *unused)
{
	const char *name = session_of(call);
	struct wanted wanted = { .count = 0 };
	int rc, session = session_connect(call, name, &rc);

	(void)unused;
	if (session < 0)
		return rc;
	rc = hand_over(call, name, session, &wanted);
	while (wanted.count)
		free(wanted.refs[--wanted.count]);
	close(session);
	return rc;
}

/* Whoever connects is known to have the devices: in a batch that is the child. */
static int exec_in_client(struct call *call)
{
	return call->output->file ? run_and_wait(call, connect_and_become, NULL)
				  : connect_and_become(call, NULL);
}

static bool is_named(const struct call *call, const char *ref)
{
	for (int i = 0; i < call->n_given; i++)
		if (call->given[i].option->key == OPT_DEVICE && strcmp(call->given[i].value, ref) == 0)
			return true;
	return false;
}

/* What stands inside a word may have been written by somebody else than the user. */
static int check_named(const struct call *call)
{
	for (int i = 0; i < call->n_args; i++) {
		const char *ref = call->args[i];

		if (is_named(call, ref) || !device_by_word(call, (struct word){ ref, -1 }))
			continue;
		msg_fail(call->output, ref, "a device that only a part of a word names stays where it is");
		msg_hint(call->output, "it goes with: session exec --device %s -- CMD", ref);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int exec_in_holder(struct call *call)
{
	return check_named(call) ?: holder_hand_out(call, !opt_given(call, OPT_SHARE)) ?:
	       print_nothing(call->output);
}

const struct verb verb_session_exec = {
	.name = "session exec", .summary = "Move devices out to a program",
	.details = "In CMD's words {fd:iommufd}, {fd:DEV} and {fd:mem:NAME} become fd numbers.",
	.args = { { "-- CMD", ARG_COMMAND }, { "ARG", ARG_TEXT, ARG_OPTIONAL | ARG_REPEATS } },
	.options = OPTIONS(
		{ "device", OPT_DEVICE, { "DEV" }, "Hand over this device, wherever {fd:DEV} stands",
		  OPTION_REPEATS },
		{ "share", OPT_SHARE, .help = "The session keeps the devices, too" }),
	.needs = NEEDS_SESSION, .in_order = true, .no_json = true, .client = exec_in_client,
	.holder = exec_in_holder,
};
