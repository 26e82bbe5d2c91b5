/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/queue.h"
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "resolve/object.h"
#include "resolve/file.h"
#include "session/client.h"
#include "session/handout.h"

static int read_pending(struct call *call, const struct queue_reader *reader, int fd, uint32_t kind)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	struct queue_state state = { .kind = kind };
	int n;

	do {
		do
			n = reader->read(call, fd, &state);
		while (n > 0);
		if (n < 0)
			return msg_fail_op(call->output, call->args[0], reader->op, n, IOMMUFD_KIND_UNKNOWN);
		if (buf_flush(call->output->out))
			return EXIT_FAILED;
	} while (opt_given(call, OPT_FOLLOW) && (poll(&wait, 1, -1) > 0 || errno == EINTR) &&
		 !(wait.revents & (POLLERR | POLLNVAL)));
	return EXIT_DONE;
}

int check_queue_fd(const struct call *call, int fd, enum iommufd_fd_kind kind, enum iommufd_op op)
{
	int rc = iommufd_fd_kind(fd);

	return rc < 0 ? msg_fail_op(call->output, call->args[0], op, rc, IOMMUFD_KIND_UNKNOWN)
		      : check_fd_kind(call, call->args[0], fd, kind);
}

static int read_given(struct call *call, const struct queue_reader *reader, int fd)
{
	return check_queue_fd(call, fd, reader->kind, reader->op) ?: read_pending(call, reader, fd, 0);
}

int queue_read(struct call *call, const struct queue_reader *reader)
{
	const struct derived *queue;
	int fd;

	if (word_fd(call, call_arg(call, 0), &fd))
		return read_given(call, reader, fd);
	return arg_queue(call, 0, reader->type, &queue) ?: read_pending(call, reader, queue->fd, queue->kind);
}

int queue_read_in_client(struct call *call, const struct queue_reader *reader)
{
	uint64_t kind;
	int fd, rc;

	if (word_fd(call, call_arg(call, 0), &fd))
		return read_given(call, reader, fd);
	rc = session_fetch_fd(call, &fd, &kind);
	if (rc)
		return rc;
	rc = read_pending(call, reader, fd, (uint32_t)kind);
	close(fd);
	return rc;
}

int queue_hand_out(struct call *call, const struct queue_reader *reader)
{
	const struct derived *queue;

	return arg_queue(call, 0, reader->type, &queue) ?: holder_hand_out_fd(call, queue->fd, queue->kind);
}
