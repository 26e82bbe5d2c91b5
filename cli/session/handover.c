/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/handover.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Copy a word, each {fd:REF} replaced by its number. */
static int substitute(const struct call *call, fd_resolver *resolve, void *arg, const char *word,
		      struct buffer *to)
{
	for (const char *open; (open = strstr(word, "{fd:")); ) {
		const char *from = open + strlen("{fd:"), *close = strchr(from, '}');
		char ref[256];
		int fd = -1, rc;

		if (!close || (size_t)(close - from) >= sizeof(ref))
			return msg_usage(call->output,
					 "'%s': expected {fd:iommufd}, {fd:DEV} or {fd:mem:NAME}", word);
		snprintf(ref, sizeof(ref), "%.*s", (int)(close - from), from);
		rc = resolve(call, arg, ref, &fd);
		if (rc != EXIT_DONE)
			return rc;
		buf_bytes(to, word, (size_t)(open - word));
		buf_u64(to, (uint64_t)fd);
		word = close + 1;
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

	execvp(words[0], words);
	error = errno;
	msg_fail_errno(call->output, words[0], error);
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}
