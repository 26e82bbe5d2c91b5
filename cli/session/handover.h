/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handing fds to a program by number. */
#ifndef CLI_SESSION_HANDOVER_H
#define CLI_SESSION_HANDOVER_H

#include <fcntl.h>

#include "engine/command.h"

/*
 * The fd that a {fd:REF} stands for; whole: that is all of its word, which the user has typed then. Returns
 * an exit code, with its message.
 */
typedef int fd_resolver(const struct call *call, void *arg, const char *ref, bool whole, int *ret);

/* call->args with each {fd:REF} replaced by its number; the caller's to free_words(). */
int substitute_words(const struct call *call, fd_resolver *resolve, void *arg, char ***ret);
void free_words(char **words);

/* Let the fd survive an exec; and no longer. */
static inline void fd_inherit(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, 0);
}

static inline void fd_keep_back(int fd)
{
	fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* An fd that a program is to find, and what it is called in LISTEN_FDNAMES. */
struct handed_fd {
	const char *name;
	int *fd; /* changed */
};

#define FD_BASE_OPTION \
	{ "fd-base", OPT_FD_BASE, { "N", ARG_NUMBER }, "Have them at N and up; 3: as systemd hands them over" }

/* Where --fd-base says, if it is given: the first of them there, the others behind it. An exit code. */
int place_fds(const struct call *call, const struct handed_fd *list, size_t n);

enum { EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

/* Is there such a program? What become() returns, with its message, if there is not. */
int find_program(const struct call *call, const char *name);
/* Become the program; returns only when that fails: one of these, with the message. */
int become(const struct call *call, char **words);

#endif
