/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to the service manager, in the protocol of systemd (NOTIFY_SOCKET), spoken by hand. They are read
 * in order, and never answered but for a barrier. Whoever does not read is waited for once, with a limit.
 */
#ifndef CLI_PERSIST_NOTIFY_H
#define CLI_PERSIST_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	struct sockaddr_un address;
	socklen_t length;
	int socket;    /* -1: there is no service manager */
	int barrier;   /* its other end is closed when all before it is read, -1: nobody waits for that */
	bool stalled;  /* it did not read in time: it is not waited for until it has */
	bool gone;     /* nobody has the socket's other end any more */
	int64_t deadline; /* of this command's waiting, 0: it has not waited yet */
	uint64_t n_sent, n_asked, n_read; /* messages: sent; of these before the barrier; surely read */
};

void notify_open(struct notify *notify);
/* A message, and an fd with it, -1: none. Its number; 0: it was not sent. */
uint64_t notify_send(struct notify *notify, const char *text, int fd);
/* Wait until all is read. false: it is not, and its reader is stalled or gone. */
bool notify_wait(struct notify *notify);
/* The command has ended: the next one may wait anew, if this one did not do so in vain. */
static inline void notify_end(struct notify *notify)
{
	notify->deadline = 0;
}

/* Is somebody there? What they have read tells nothing about that. */
bool notify_is_there(struct notify *notify);

#endif
