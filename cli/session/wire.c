/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/wire.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/param.h>

#include "libiommufd.h"
#include "util/number.h"

enum sent { SENT_ALL, SENT_PART, SENT_NOTHING, CLIENT_GONE };

/* The next packet of out and err, from where the reply has come to. fds go with the last one. */
static enum sent send_packet(struct reply *reply, const struct buffer *out, const struct buffer *err,
			     const int *fds, size_t n_fds)
{
	size_t n_out = MIN(out->len - reply->sent_out, IOMMUFD_SESSION_PACKET);
	size_t n_err = MIN(err->len - reply->sent_err, IOMMUFD_SESSION_PACKET - n_out);
	bool more = reply->sent_out + n_out < out->len || reply->sent_err + n_err < err->len;
	struct iommufd_session_reply_header header = {
		.magic = IOMMUFD_SESSION_MAGIC,
		.protocol = IOMMUFD_SESSION_PROTOCOL,
		.flags = more ? IOMMUFD_SESSION_MORE : 0,
		.code = reply->code,
		.out = (uint32_t)n_out,
		.err = (uint32_t)n_err,
		.fds = more ? 0 : (uint32_t)n_fds,
	};
	const struct iommufd_session_part parts[] = {
		{ &header, sizeof(header) },
		{ n_out ? out->buf + reply->sent_out : NULL, n_out },
		{ n_err ? err->buf + reply->sent_err : NULL, n_err },
	};
	int rc = iommufd_session_send_packet(reply->socket, parts, ARRAY_SIZE(parts), fds, header.fds,
					     IOMMUFD_SESSION_DONTWAIT);

	if (rc == -EAGAIN || rc == -EINTR || rc == -ENOBUFS || rc == -ENOMEM)
		return SENT_NOTHING;
	if (rc < 0)
		return CLIENT_GONE;
	reply->sent_out += n_out;
	reply->sent_err += n_err;
	return more ? SENT_PART : SENT_ALL;
}

void reply_free(struct reply *reply)
{
	free(reply->out.buf);
	free(reply->err.buf);
	reply->out = reply->err = (struct buffer){ .fd = -1 };
	reply->sent_out = reply->sent_err = 0;
	reply->sending = false;
}

void reply_cut(struct reply *reply, int code, const char *why)
{
	reply_free(reply);
	reply->sending = true;
	reply->code = code;
	buf_str(&reply->err, why);
}

bool reply_send_more(struct reply *reply)
{
	enum sent sent;

	do
		sent = send_packet(reply, &reply->out, &reply->err, NULL, 0);
	while (sent == SENT_PART);
	if (sent == SENT_ALL)
		reply_free(reply);
	return sent != CLIENT_GONE;
}

bool reply_send(struct reply *reply, struct buffer *out, struct buffer *err, const int *fds, size_t n_fds)
{
	enum sent sent;
	int tries = 2;

	reply->sent_out = reply->sent_err = 0;
	/* One with fds is short: who cannot take it is not waited for, but a lack of memory passes. */
	do
		sent = send_packet(reply, out, err, fds, n_fds);
	while (sent == SENT_PART || (sent == SENT_NOTHING && n_fds && --tries));
	if (sent != SENT_NOTHING)
		return sent == SENT_ALL;
	if (n_fds)
		return false;
	reply->out = *out;
	reply->err = *err;
	reply->sending = true;
	*out = *err = (struct buffer){ .fd = -1 };
	return true;
}
