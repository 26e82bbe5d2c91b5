/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session goes on in a new process: after a restart by request, or a crash under a service manager. */
#ifndef CLI_SESSION_REEXEC_H
#define CLI_SESSION_REEXEC_H

#include "persist/kept.h"
#include "session/server.h"

enum { MAX_CONNECTIONS = 4096 };

/*
 * Become a new process of the installed program, which is asked first whether it can go on. Returns only when
 * that fails, an exit code with its message; all is as before then.
 */
int holder_reexec(struct holder *holder, const struct output *output, const struct client *asking);
/*
 * Take over what a holder left, as its journal at fd says. kept: what a service manager kept, NULL after a
 * restart. connections: room for MAX_CONNECTIONS. An exit code, with its message.
 */
int holder_resume(struct holder *holder, const struct output *output, int fd, const struct kept_fds *kept,
		  int *connections, size_t *ret_n);
/* Could it? In a process that ends then. The answer is printed. */
int holder_check_resume(struct holder *holder, const struct output *output, int fd);
/*
 * The take-over of the journal at fd failed: become the program at back again, which goes on with it and
 * tells the client why. Returns only where that fails, too.
 */
void holder_go_back(const struct holder *holder, int fd, int back, const char *why);

#endif
