/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/handover.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Behind "{fd:" in a word: the number of what is named there. *at: behind the brace that closes it. */
static int substitute_fd(const struct call *call, fd_resolver *resolve, void *arg, bool begins,
			 const char **at, struct buffer *to)
{
	const char *close = strchr(*at, '}');
	char ref[256];
	int fd = -1, rc;

	if (!close || (size_t)(close - *at) >= sizeof(ref))
		return msg_usage(call->output, "'{fd:%s': expected {fd:iommufd}, {fd:DEV} or {fd:mem:NAME}",
				 *at);
	snprintf(ref, sizeof(ref), "%.*s", (int)(close - *at), *at);
	rc = resolve(call, arg, ref, begins && !close[1], &fd);
	if (rc == EXIT_DONE)
		buf_u64(to, (uint64_t)fd);
	*at = close + 1;
	return rc;
}

/* Copy a word, each {fd:REF} replaced by its number, and {{ by a brace. */
static int substitute(const struct call *call, fd_resolver *resolve, void *arg, const char *word,
		      struct buffer *to)
{
	const char *start = word;

	for (const char *brace; (brace = strchr(word, '{')); ) {
		int rc;

		buf_bytes(to, word, (size_t)(brace - word));
		if (strncmp(brace, "{fd:", 4) != 0) {
			buf_char(to, '{');
			word = brace + (brace[1] == '{' ? 2 : 1);
			continue;
		}
		word = brace + strlen("{fd:");
		rc = substitute_fd(call, resolve, arg, brace == start, &word, to);
		if (rc != EXIT_DONE)
			return rc;
	}
	buf_bytes(to, word, strlen(word) + 1);
	return to->error ? msg_fail_errno(call->output, NULL, to->error) : EXIT_DONE;
}

void free_words(char **words)
{
	for (char **word = words; word && *word; word++)
		free(*word);
	free(words);
}

int substitute_words(const struct call *call, fd_resolver *resolve, void *arg, char ***ret)
{
	char **words = calloc((size_t)call->n_args + 1, sizeof(*words));

	if (!words)
		return msg_fail_errno(call->output, NULL, ENOMEM);
	for (int i = 0; i < call->n_args; i++) {
		struct buffer word = { .fd = -1 };
		int rc = substitute(call, resolve, arg, call->args[i], &word);

		if (rc != EXIT_DONE) {
			free(word.buf);
			free_words(words);
			return rc;
		}
		words[i] = word.buf;
	}
	*ret = words;
	return EXIT_DONE;
}

int become(const struct call *call, char **words)
{
	int error;

	if (call->request->signals)
		sigprocmask(SIG_SETMASK, call->request->signals, NULL);
	execvp(words[0], words);
	error = errno;
	msg_fail_errno(call->output, words[0], error);
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}
