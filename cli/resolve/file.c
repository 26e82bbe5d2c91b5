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

int check_fd_kind(const struct call *call, const char *word, int fd, enum iommufd_fd_kind kind)
{
	static const char *const expected[] = {
		[IOMMUFD_FD_STREAM] = "a file, pipe or terminal",
		[IOMMUFD_FD_FAULT] = "a queue of page faults",
		[IOMMUFD_FD_VEVENTQ] = "a queue of events",
	};
	static const char *const found[] = {
		[IOMMUFD_FD_STREAM] = "a file, pipe or terminal",
		[IOMMUFD_FD_CDEV] = "the cdev of a VFIO device",
		[IOMMUFD_FD_FAULT] = "a queue of page faults",
		[IOMMUFD_FD_VEVENTQ] = "a queue of events",
		[IOMMUFD_FD_OTHER] = "another object of the kernel",
		[IOMMUFD_FD_DMA_BUF] = "a dma-buf",
	};
	int is = iommufd_fd_kind(fd);

	if (is == (int)kind)
		return EXIT_DONE;
	if (is < 0)
		return msg_fail_errno(call->output, word, is);
	return msg_fail(call->output, word, "expected %s, the fd is %s (EINVAL)", expected[kind], found[is]);
}

/*
 * A session opens no files, and reads none that could keep it waiting: a regular file may be on a server that
 * does not answer, or none at all, as /proc/kmsg. One in memory has seals to ask for.
 */
static int need_passed(const struct call *call, struct word word, int *ret)
{
	struct stat st;

	if (!word_fd(call, word, ret))
		return msg_fail(call->output, word.text, "the file did not come with the command (EBADF)");
	if (fstat(*ret, &st) < 0 || !S_ISREG(st.st_mode) || fcntl(*ret, F_GET_SEALS) < 0)
		return msg_fail(call->output, word.text, "a session reads files in memory only (EINVAL)");
	return EXIT_DONE;
}

static int open_file(const struct call *call, const char *path, int *ret, bool *ret_ours)
{
	int rc;

	*ret = open(path, O_RDONLY | O_CLOEXEC);
	if (*ret < 0)
		return msg_fail_errno(call->output, path, errno);
	rc = check_fd_kind(call, path, *ret, IOMMUFD_FD_STREAM);
	*ret_ours = rc == EXIT_DONE;
	if (rc)
		close(*ret);
	return rc;
}

int open_source(const struct call *call, struct word word, int *ret, bool *ret_ours)
{
	*ret_ours = false;
	if (call->request->holder)
		return need_passed(call, word, ret);
	if (word_fd(call, word, ret))
		return check_fd_kind(call, word.text, *ret, IOMMUFD_FD_STREAM);
	if (strcmp(word.text, "-") != 0)
		return open_file(call, word.text, ret, ret_ours);
	if (call->output->file && strcmp(call->output->file, STDIN_NAME) == 0)
		return msg_usage(call->output,
				 "'-' is the standard input, which holds the batch: name a file");
	*ret = STDIN_FILENO;
	return check_fd_kind(call, word.text, *ret, IOMMUFD_FD_STREAM);
}
