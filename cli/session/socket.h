/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where sessions are found: a directory that nobody else can write, a socket for each. */
#ifndef CLI_SESSION_SOCKET_H
#define CLI_SESSION_SOCKET_H

#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "output/message.h"
#include "util/number.h"

#define DEFAULT_SESSION "default"

enum { SESSION_BACKLOG = 4096 };

/* A listening socket for the session, -1 with a message: a live one is never replaced. */
int session_listen(const struct output *output, const char *name);
/* Make a socket that another process listened on this one's: clients are told whose it is. */
static inline int session_listen_again(int listener)
{
	return listen(listener, SESSION_BACKLOG);
}
/* Remove the socket. */
void session_unlink(const char *name);
/* Is it known to be gone? Where its directory cannot be read nobody knows. */
bool session_lost_socket(const char *name);

/* Who is at the other end. false: nobody knows. */
static inline bool session_peer(int fd, struct ucred *ret)
{
	socklen_t len = sizeof(*ret);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret, &len) == 0;
}

struct session_entry {
	char name[NAME_LENGTH + 1];
	enum session_state { SESSION_DEAD, SESSION_RUNNING, SESSION_BUSY } state;
	pid_t pid; /* 0: not known; it may have none here, in another PID namespace */
};

struct session_list {
	struct session_entry *items; /* the caller's to free() */
	size_t count;
};

/* All sessions of this user. Returns an exit code, with its message. */
int session_find_all(const struct output *output, struct session_list *ret);

/*
 * A hint that names the sessions that run, behind what they are, or why nobody knows. false: none does, and
 * nothing is said.
 */
bool session_hint_running(const struct output *output, const char *what);

/* -ETIMEDOUT of a connection, in words. Returns an exit code. */
int session_fail_busy(const struct output *output, const char *name);

/* Not "there is no session", but nobody knows: memory or fds ran out. error: negative. */
static inline bool is_shortage(int error)
{
	return error == -ENOMEM || error == -ENOBUFS || error == -ENFILE || error == -EMFILE;
}

#endif
