/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/taker.h"
#include <stdio.h>
#include <stdlib.h>

#include "util/process.h"
#include "util/shellwords.h"

struct taker_text taker_text(const struct taker *taker)
{
	struct taker_text ret;
	char name[PROCESS_NAME];

	process_name(taker->pid, name);
	if (taker->pid)
		snprintf(ret.text, sizeof(ret.text), "handed to %d (%s)", taker->pid, name);
	else
		snprintf(ret.text, sizeof(ret.text), "handed to a process of another PID namespace");
	return ret;
}

int fail_handed(const struct call *call, const char *word)
{
	const struct taker *taker = taker_by_word(call->ctx, word);

	return taker ? msg_fail(call->output, word, "it was %s", taker_text(taker).text) : EXIT_DONE;
}

void hint_force(const struct call *call)
{
	struct buffer line = { .fd = -1 };

	if (call->n_words > IOMMUFD_SESSION_WORDS)
		return; /* they have not been kept */
	shellwords_join(&line, call->n_words, call->words);
	buf_char(&line, '\0');
	if (!line.error)
		msg_hint(call->output, PROGRAM "%s --force", line.buf);
	free(line.buf);
}
