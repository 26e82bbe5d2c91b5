/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes over a session's socket, seen from the holder: in packets, without ever waiting for the client.
 */
#ifndef CLI_SESSION_WIRE_H
#define CLI_SESSION_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buffer.h"

struct reply {
	int socket;
	bool sending; /* the rest of out and err is still to be sent */
	struct buffer out, err;
	size_t sent_out, sent_err;
	int code;
};

/*
 * Send out, err and fds; the code is reply->code. What does not go out at once becomes the reply's, and out
 * and err are empty then. false: the client is gone.
 */
bool reply_send(struct reply *reply, struct buffer *out, struct buffer *err, const int *fds, size_t n_fds);
/* More of a reply that did not go out at once. */
bool reply_send_more(struct reply *reply);
/* What it takes in memory. */
static inline size_t reply_size(const struct reply *reply)
{
	return reply->out.cap + reply->err.cap;
}
/* The rest of it is dropped, and why is said in its place, with that code. */
void reply_cut(struct reply *reply, int code, const char *why);
void reply_free(struct reply *reply);

#endif
