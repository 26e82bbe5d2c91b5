/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fds of a session on their way to a client, seen from the holder. */
#ifndef CLI_SESSION_HANDOUT_H
#define CLI_SESSION_HANDOUT_H

#include "session/server.h"

struct outgoing {
	int fd;
	struct device *device; /* of the context, NULL: it is none */
	bool is_opened;	       /* for this, and unbound: info is of that one */
	struct iommufd_device info;
};

enum handout {
	HANDOUT_SHARE, /* the devices stay as well */
	HANDOUT_MOVE, /* they leave when the client has confirmed that it has them and its connection ends */
	HANDOUT_UNBIND, /* they leave when it confirms: what it has is another fd of each, unbound */
};

/* What a word names of the context. An exit code, with its message. */
int handout_find(const struct call *call, struct word word, struct outgoing *ret);
/* The cdev of a device, opened anew. word: not a name; device: it is this one of the context, or NULL. */
int handout_open(const struct call *call, const char *word, struct device *device, struct outgoing *ret);
/* They go with the answer; those that were opened are closed behind it, in any case. */
int handout_send(struct call *call, const struct outgoing *list, size_t n, enum handout how);

/* The client has them all. */
void handout_confirm(struct holder *holder, struct client *client);
/* The devices that the client takes along leave the context. */
void handout_leave(struct holder *holder, struct client *client);

/* One fd, and a number about it, which the client's part of the verb asks for with session_fetch_fd(). */
int holder_hand_out_fd(struct call *call, int fd, uint64_t about);
/* The same for one that is of no use here: it is closed when the answer has gone. */
int holder_give_fd(struct call *call, int fd, uint64_t about);

#endif
