/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command that a session executes: its words, and the files that they name as fds, go to the holder. */
#ifndef CLI_SESSION_CLIENT_H
#define CLI_SESSION_CLIENT_H

#include <unistd.h>

#include "engine/command.h"

/* The session that -s or $IOMMUFDCTL_SESSION names, or NULL. */
const char *session_named(const struct call *call);
/* The one that argument 0 names, else that, else the default one. */
const char *session_of(const struct call *call);

/* A connection, or -1 with a message; *ret_code is the exit code of it, or EXIT_DONE. */
int session_connect(const struct call *call, const char *name, int *ret_code);

/* One command over a connection; what it prints is printed, the rest of the answer goes to reply. */
int session_ask(const struct call *call, const char *name, int fd, struct iommufd_session_reply *reply);
/* The same for a command without fds in its answer. Returns its exit code. */
int session_send(const struct call *call, const char *name, int fd);
/* Have the session of that name run this call: same words, same output, same exit code. */
int session_forward(const struct call *call, const char *name);

/*
 * Have the session that is named run this call, else the one called "default" where one runs. false: there
 * is none, the command is alone. *ret: its exit code.
 */
bool session_try(struct call *call, int *ret);

/*
 * The holder does its part of the command, and hands out one fd with a number about it; the caller does the
 * rest. The files that are to be read stay here. Returns an exit code, with its message.
 */
int session_fetch_fd(const struct call *call, int *ret_fd, uint64_t *ret_about);

/*
 * A command of other words than the call's: the one at number about is argument 0 of the call. What it prints
 * goes to *ret, the caller's to free, or is left out for NULL; errors are printed. Returns its exit code.
 */
int session_run_words(const struct call *call, size_t n, const char *const *words, int about,
		      struct iommufd_session_reply *ret);

/*
 * open_source() for what is to be read whole: where it has no length, as a pipe, it is collected first, so
 * that nobody waits for it half-way. It may have up to room bytes.
 */
int session_open_source(const struct call *call, struct word path, uint64_t room, int *ret, bool *ret_ours);

/* What is done with an fd and the number about it. Returns an exit code, with its message. */
typedef int fd_fn(struct call *call, int fd, uint64_t about);

/* Have it done with the fd of session_fetch_fd(), which is closed behind it. */
static inline int session_with_fd(struct call *call, fd_fn *done)
{
	uint64_t about;
	int fd, rc = session_fetch_fd(call, &fd, &about);

	if (rc)
		return rc;
	rc = done(call, fd, about);
	close(fd);
	return rc;
}

#endif
