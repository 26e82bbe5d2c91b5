/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes back to a client: in packets, without ever waiting for it. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "rights.h"
#include "session.h"

static size_t at_most(size_t n, size_t max)
{
	return n < max ? n : max;
}

/* The next packet of out and err from the given places on. 1: sent, 0: not now, -1: the client is gone. */
static int send_packet(struct client *client, const struct buffer *out, const struct buffer *err,
		       const int *fds, size_t n_fds)
{
	size_t n_out = at_most(out->len - client->sent_out, IOMMUFD_SESSION_PACKET);
	size_t n_err = at_most(err->len - client->sent_err, IOMMUFD_SESSION_PACKET - n_out);
	bool more = client->sent_out + n_out < out->len || client->sent_err + n_err < err->len;
	struct iommufd_session_reply_header header = {
		.magic = IOMMUFD_SESSION_MAGIC,
		.protocol = IOMMUFD_SESSION_PROTOCOL,
		.flags = more ? IOMMUFD_SESSION_MORE : 0,
		.code = client->code,
		.out = (uint32_t)n_out,
		.err = (uint32_t)n_err,
		.fds = more ? 0 : (uint32_t)n_fds,
	};
	struct iovec parts[3] = { { &header, sizeof(header) } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 3 };
	union rights rights;

	parts[1] = (struct iovec){ n_out ? out->buf + client->sent_out : NULL, n_out };
	parts[2] = (struct iovec){ n_err ? err->buf + client->sent_err : NULL, n_err };
	if (n_fds && !more)
		rights_put(&message, &rights, fds, n_fds);
	if (sendmsg(client->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENOBUFS || errno == ENOMEM ? 0 : -1;
	client->sent_out += n_out;
	client->sent_err += n_err;
	return more ? 1 : 2;
}

static void forget(struct client *client)
{
	free(client->out.buf);
	free(client->err.buf);
	client->out = client->err = (struct buffer){ .fd = -1 };
	client->sent_out = client->sent_err = 0;
	client->answering = false;
}

bool answer_more(struct client *client)
{
	int rc;

	do
		rc = send_packet(client, &client->out, &client->err, NULL, 0);
	while (rc == 1);
	if (rc == 2)
		forget(client);
	return rc >= 0;
}

bool answer(struct holder *holder, struct client *client, int code)
{
	int tries = 2, rc;

	client->code = code;
	client->sent_out = client->sent_err = 0;
	/* One with fds is short: who cannot take it is not waited for, but a lack of memory passes. */
	do
		rc = send_packet(client, &holder->out, &holder->err, holder->fds, holder->n_fds);
	while (rc == 1 || (rc == 0 && --tries && holder->n_fds));
	if (rc == 2)
		client->sent_out = client->sent_err = 0;
	if (rc != 0 || holder->n_fds)
		return rc > 0;
	client->out = holder->out;
	client->err = holder->err;
	client->answering = true;
	holder->out = holder->err = (struct buffer){ .fd = -1 };
	return true;
}
