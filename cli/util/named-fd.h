/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fds that a process was given with a name, as sd_listen_fds_with_names(3) has it. */
#ifndef CLI_UTIL_NAMED_FD_H
#define CLI_UTIL_NAMED_FD_H

#include <stdbool.h>
#include <stddef.h>

enum { FIRST_NAMED_FD = 3 };

struct named_fd {
	int fd;
	const char *name;
	size_t len; /* of the name, which goes on to a colon or the end */
};

/*
 * The first of them, where *at begins as { 0 }; then the next. false: there are no more. Whom LISTEN_PID
 * names is not asked: a script that a service manager gave them hands them on to the commands in it.
 */
bool named_fd_next(struct named_fd *at);
/* The one of this name. false: none is called so. */
bool named_fd(const char *name, int *ret);

#endif
