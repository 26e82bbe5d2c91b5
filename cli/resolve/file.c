/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/file.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct passed *find_passed(const struct call *call, struct word word)
{
	for (size_t i = 0; i < call->request->n_passed && word.index >= 0; i++)
		if (call->request->passed[i].index == (uint32_t)word.index)
			return &call->request->passed[i];
	return NULL;
}

bool word_fd(const struct call *call, struct word word, int *ret)
{
	const struct passed *passed;

	/* The number of a client's fd means another file in the holder. */
	if (!call->request->holder)
		return parse_fd(word.text, ret);
	passed = find_passed(call, word);
	if (!passed || passed->fd < 0)
		return false;
	*ret = passed->fd;
	return true;
}

bool word_take_fd(const struct call *call, struct word word)
{
	struct passed *passed = find_passed(call, word);

	if (passed)
		passed->fd = -1;
	return passed;
}

/* A session opens no files, and reads none that could keep it waiting. */
static int need_passed(const struct call *call, struct word word, int *ret)
{
	struct stat st;

	if (!word_fd(call, word, ret))
		return msg_fail(call->output, word.text, "the file did not come with the command (EBADF)");
	if (fstat(*ret, &st) < 0 || !S_ISREG(st.st_mode))
		return msg_fail(call->output, word.text, "a session reads regular files only (EINVAL)");
	return EXIT_DONE;
}

int open_source(const struct call *call, struct word word, int *ret, bool *ret_ours)
{
	*ret_ours = false;
	if (call->request->holder)
		return need_passed(call, word, ret);
	if (word_fd(call, word, ret))
		return EXIT_DONE;
	if (strcmp(word.text, "-") != 0) {
		*ret = open(word.text, O_RDONLY | O_CLOEXEC);
		*ret_ours = *ret >= 0;
		return *ret < 0 ? msg_fail_errno(call->output, word.text, errno) : EXIT_DONE;
	}
	if (call->output->file && strcmp(call->output->file, STDIN_NAME) == 0)
		return msg_usage(call->output,
				 "'-' is the standard input, which holds the batch: name a file");
	*ret = STDIN_FILENO;
	return EXIT_DONE;
}
