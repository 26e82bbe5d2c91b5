/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fds that the service manager gives back to a process that it starts: LISTEN_FDS, LISTEN_FDNAMES. */
#ifndef CLI_PERSIST_LISTEN_H
#define CLI_PERSIST_LISTEN_H

#include "persist/kept.h"

/* What it gave back. 0, or -ENOMEM. */
int listen_fds(struct kept_fds *ret);
/* What is none of these: its name is told, and what nobody has asked for is closed. */
void listen_drop_rest(const struct kept_fds *claimed, void (*drop)(void *arg, const char *name), void *arg);

#endif
