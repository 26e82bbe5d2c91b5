/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One command in a session's holder: from the packet to what it has printed. */
#ifndef CLI_SESSION_RUN_H
#define CLI_SESSION_RUN_H

#include "session/server.h"

/* Nothing is printed yet, no fd goes along. */
void holder_reset_output(struct holder *holder);
/* Say why; EXIT_FAILED. */
int holder_refuse(struct holder *holder, const char *why);
/*
 * Run the request of holder->packet, which came with so many of holder->passed; they are gone when it goes on
 * after a pause. An exit code, or EXIT_PAUSED.
 */
int holder_run_packet(struct holder *holder, struct client *client, size_t len, size_t n_fds,
		      struct progress *progress);

#endif
