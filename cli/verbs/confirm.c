/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/confirm.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

bool is_asked(const struct call *call)
{
	return !opt_given(call, OPT_YES) && !call->output->file && !call->request->holder &&
	       isatty(STDIN_FILENO);
}

/* One line; what does not fit is no yes. */
static bool says_yes(void)
{
	char line[8];
	ssize_t n;

	do
		n = read(STDIN_FILENO, line, sizeof(line) - 1);
	while (n < 0 && errno == EINTR);
	if (n <= 0 || line[n - 1] != '\n')
		return false;
	line[n - 1] = '\0';
	return strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0;
}

int ask(const struct call *call, const char *question, ...)
{
	struct buffer *err = call->output->err;
	char text[256];
	va_list ap;

	va_start(ap, question);
	vsnprintf(text, sizeof(text), question, ap);
	va_end(ap);
	buf_flush(call->output->out);
	buf_text(err, text);
	buf_str(err, " [y/N] ");
	buf_flush(err);
	if (says_yes())
		return EXIT_DONE;
	return msg_fail(call->output, call->args[0], "not done: the answer was not yes");
}
