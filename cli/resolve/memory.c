/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/memory.h"
#include <errno.h>

#include "resolve/file.h"

static int adopt_memory(const struct call *call, struct word word, int fd, struct object **ret)
{
	struct memory *memory;
	int rc = memory_adopt(call->ctx, fd, !call->request->holder, &memory);

	if (rc == -EINVAL)
		return msg_fail(call->output, word.text, "not a memfd, a file in memory or a dma-buf (EINVAL)");
	if (rc < 0)
		return msg_fail_errno(call->output, word.text, rc);
	if (memory->fd == fd) /* else it is known by another one */
		word_take_fd(call, word);
	*ret = &memory->object;
	return EXIT_DONE;
}

static int fail_no_memory(const struct call *call, const char *word)
{
	if (!is_name(word))
		return msg_usage(call->output, "'%s' is no name of a memory, and no fd:N", word);
	if (object_by_name(call->ctx, word))
		return msg_fail(call->output, word, "wrong type: it is no memory");
	msg_fail(call->output, word, "no memory has this name here");
	msg_hint(call->output, PROGRAM " mem create %s SIZE", word);
	return EXIT_FAILED;
}

/* No name looks like fd:N. */
int need_memory(const struct call *call, struct word word, struct object **ret)
{
	struct memory *memory = memory_by_name(call->ctx, word.text);
	int fd;

	if (!memory)
		return word_fd(call, word, &fd) ? adopt_memory(call, word, fd, ret)
						: fail_no_memory(call, word.text);
	*ret = &memory->object;
	return EXIT_DONE;
}
