/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/queue.h"
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "resolve/object.h"
#include "resolve/file.h"
#include "session/client.h"
#include "session/server.h"

static int read_all_of_it(struct call *call, int fd, const struct queue_reader *reader)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	bool follow = opt_given(call, OPT_FOLLOW);
	int n;

	do {
		while ((n = reader->read(call, fd, reader->arg)) > 0)
			;
		if (n < 0)
			return msg_fail_op(call->output, call->args[0], reader->op, n, IOMMUFD_KIND_UNKNOWN);
		if (buf_flush(call->output->out))
			return EXIT_FAILED;
	} while (follow && (poll(&wait, 1, -1) > 0 || errno == EINTR) &&
		 !(wait.revents & (POLLERR | POLLNVAL)));
	return EXIT_DONE;
}

static int read_opened(struct call *call, int fd, uint32_t kind, struct queue_reader *reader)
{
	reader->kind = kind;
	if (reader->opened)
		reader->opened(reader);
	return read_all_of_it(call, fd, reader);
}

int queue_read(struct call *call, struct queue_reader *reader)
{
	const struct derived *queue;
	int fd, rc;

	if (word_fd(call, call_arg(call, 0), &fd))
		return read_opened(call, fd, 0, reader);
	rc = arg_queue(call, 0, reader->type, &queue);
	return rc ?: read_opened(call, queue->fd, queue->kind, reader);
}

int queue_read_in_client(struct call *call, struct queue_reader *reader)
{
	uint64_t kind;
	int fd, rc;

	if (word_fd(call, call_arg(call, 0), &fd))
		return read_opened(call, fd, 0, reader);
	rc = session_fetch_fd(call, &fd, &kind);
	if (rc)
		return rc;
	rc = read_opened(call, fd, (uint32_t)kind, reader);
	close(fd);
	return rc;
}

int queue_hand_out(struct call *call, enum object_type type)
{
	const struct derived *queue;
	int rc = arg_queue(call, 0, type, &queue);

	return rc ?: holder_hand_out_fd(call, queue->fd, queue->kind);
}
