/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who keeps a session's fds while its holder is away: the service manager, in the protocol of systemd
 * (NOTIFY_SOCKET, FDSTORE, LISTEN_FDS), spoken by hand; or the holder itself across a restart.
 */
#ifndef CLI_KEEPER_H
#define CLI_KEEPER_H

#include "journal.h"

struct keeper {
	struct journal journal; /* first: the journal's callbacks cast back */
	int socket;		/* to the service manager, -1: there is none */
	bool pending;		/* something was sent that it may not have read yet */
};

/* Find the service manager, if there is one. */
void keeper_init(struct keeper *keeper);
/* Have it keep the iommufd, the listening socket and the journal; what the context holds, from now on. */
int keeper_start(struct keeper *keeper, struct context *ctx, int listener);
/* Wait until it has what was sent: before a command is acknowledged. */
void keeper_sync(struct keeper *keeper);
/* The session ends for good: nothing is to be kept. */
void keeper_forget_all(struct keeper *keeper, struct context *ctx);
void keeper_ready(struct keeper *keeper);

/* The fd that the service manager gave back under this name, -1: none. A find_fd_fn. */
int keeper_listen_fd(void *arg, const char *name);

#endif
