/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session exec: a session's fds to a program. Devices leave the session when the program has started. What
 * the holder is sent is the same verb, with what the program's words name in the place of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec.h"
#include "options.h"
#include "session.h"
#include "verbs.h"

/* What CMD's words ask for, each once, and what came for it. */
struct wanted {
	char *refs[IOMMUFD_SESSION_FDS];
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

static int collect_ref(const struct call *call, void *arg, const char *ref, int *ret)
{
	struct wanted *wanted = arg;

	*ret = 0;
	if (find_ref(wanted, ref) < wanted->count)
		return EXIT_DONE;
	if (wanted->count == IOMMUFD_SESSION_FDS)
		return msg_usage(call->output, "more than %d fds", IOMMUFD_SESSION_FDS);
	wanted->refs[wanted->count] = strndup(ref, strlen(ref));
	if (!wanted->refs[wanted->count])
		return msg_fail_errno(call->output, ref, ENOMEM);
	wanted->count++;
	return EXIT_DONE;
}

static int given_fd(const struct call *call, void *arg, const char *ref, int *ret)
{
	const struct wanted *wanted = arg;

	(void)call;
	*ret = wanted->fds[find_ref(wanted, ref)];
	return EXIT_DONE;
}

/* A command of this verb's own to the session. EXIT_DONE when the session agreed; what it says is printed. */
static int ask(struct call *call, const char *name, int session, size_t n_words, const char *const *words,
	       struct iommufd_session_reply *reply)
{
	struct call asking = { .from = call->from, .ctx = call->ctx, .output = call->output,
			       .verb = call->verb, .words = words, .n_words = (int)n_words };
	int rc = session_run(&asking, name, session, reply);

	if (rc != EXIT_DONE)
		return rc;
	buf_flush(call->output->err);
	return reply->code;
}

static int take(struct call *call, const char *name, int session, struct wanted *wanted)
{
	const char *words[IOMMUFD_SESSION_FDS + 4] = { "session", "exec" };
	struct iommufd_session_reply reply;
	size_t n = 2;
	int rc;

	if (!wanted->count)
		return EXIT_DONE;
	if (option(call, OPT_SHARE))
		words[n++] = "--share";
	words[n++] = "--";
	for (size_t i = 0; i < wanted->count; i++)
		words[n++] = wanted->refs[i];
	rc = ask(call, name, session, n, words, &reply);
	if (rc != EXIT_DONE)
		return rc;
	if (reply.n_fds != wanted->count)
		return msg_fail(call->output, name, "the session sent %zu fds of %zu", reply.n_fds,
				wanted->count);
	for (size_t i = 0; i < wanted->count; i++) {
		wanted->fds[i] = reply.fds[i];
		inherit(reply.fds[i]);
	}
	return EXIT_DONE;
}

static int hand_over(struct call *call, const char *name, int session, struct wanted *wanted)
{
	const char *keep[] = { "session", "keep" };
	struct iommufd_session_reply reply;
	char **words = NULL;
	int rc = substitute_words(call, collect_ref, wanted, &words);

	free_words(words);
	if (rc == EXIT_DONE)
		rc = take(call, name, session, wanted);
	if (rc == EXIT_DONE)
		rc = substitute_words(call, given_fd, wanted, &words);
	if (rc != EXIT_DONE)
		return rc;
	/* The connection closes with the exec, which is how the session learns that it came about. */
	rc = become(call, words);
	free_words(words);
	if (!option(call, OPT_SHARE))
		ask(call, name, session, 2, keep, &reply);
	return rc;
}

int verb_session_exec(struct call *call)
{
	const char *name = session_named(call);
	struct wanted wanted = { .count = 0 };
	int session, rc;

	if (call->from->holder)
		return session_hand_out(call, !option(call, OPT_SHARE));
	name = name ? name : DEFAULT_SESSION;
	session = session_connect(call, name);
	if (session < 0)
		return is_session_name(name) ? EXIT_FAILED : EXIT_USAGE;
	rc = hand_over(call, name, session, &wanted);
	while (wanted.count)
		free(wanted.refs[--wanted.count]);
	close(session);
	return rc;
}
