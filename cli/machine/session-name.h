/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which session a process keeps. */
#ifndef CLI_MACHINE_SESSION_NAME_H
#define CLI_MACHINE_SESSION_NAME_H

#include <stddef.h>
#include <sys/types.h>

/* By the socket that it listens on; empty: it keeps none, or that may not be seen. */
void machine_session_name(pid_t pid, const char *command, char *buf, size_t len);

#endif
