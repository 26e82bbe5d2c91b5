/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who keeps a session's fds while its holder is away: the service manager, in the protocol of systemd
 * (NOTIFY_SOCKET, FDSTORE, LISTEN_FDS), spoken by hand; or the holder itself across a restart.
 */
#ifndef CLI_PERSIST_FDSTORE_H
#define CLI_PERSIST_FDSTORE_H

#include "persist/journal.h"
#include "persist/kept.h"

struct fdstore {
	struct journal journal; /* first: its callbacks cast back */
	int socket;		/* to the service manager, -1: there is none */
	bool pending;		/* something was sent that it may not have read yet */
};

/* Find the service manager, if there is one. */
void fdstore_init(struct fdstore *store);
/* Have it keep the iommufd, the listening socket and the journal; what the context holds, from now on. */
int fdstore_start(struct fdstore *store, struct context *ctx, int listener);
/* Wait until it has what was sent: before a command is acknowledged. */
void fdstore_sync(struct fdstore *store);
/* The session ends for good: nothing is to be kept. */
void fdstore_forget_all(struct fdstore *store, struct context *ctx);
/* Tell it that the session is ready. */
void fdstore_ready(struct fdstore *store);

/* What the service manager gave back. 0, or -ENOMEM. */
int fdstore_listen_fds(struct kept_fds *ret);

#endif
