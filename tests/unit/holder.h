/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session's holder in a process of its own, with the model's kernel, and two clients of it. */
#ifndef HOLDER_H
#define HOLDER_H

#include <sys/types.h>

#include "unit.h"
#include "world.h"

extern int clients[2];
extern pid_t holder;

/* For cmocka: a holder without a service manager. */
int holder_setup(void **state);
/* The same with the one whose socket is named: NOTIFY_SOCKET. */
int holder_setup_with(void **state, const char *notify_socket);
int holder_teardown(void **state);

/* What the holder printed on the words of a line, which succeeds; and what it said. Valid until the next. */
const char *answer_to(int client, const char *line);
const char *said_to(int client, const char *line);

#endif
