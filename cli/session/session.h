/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions: the holder executes what clients send; both are this program. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "cli.h"
#include "context.h"
#include "keeper.h"

/* --- client.c ------------------------------------------------------------------------------------ */

/* Have the session of that name run this call: same words, same output, same exit code. */
int session_forward(struct call *call, const char *name);

/* The session that -s or $IOMMUFDCTL_SESSION names, or NULL. */
const char *session_named(const struct call *call);

/*
 * Have the session that is named run this call, else the one called "default" where one runs. false: there
 * is none, the command is alone. *ret: its exit code.
 */
bool session_try(struct call *call, int *ret);

/* Not "there is no session", but nobody knows: memory or fds ran out. */
bool is_lack(int error);

/* An fd, or -1 with a message. */
int session_connect(const struct call *call, const char *name);
/* One command over a connection; the answer to reply, or printed. */
int session_run(struct call *call, const char *name, int fd, struct iommufd_session_reply *reply);
int session_send(struct call *call, const char *name, int fd);

/* The fd of a queue that the session has, and its kind: for a verb that reads it in the client. */
int session_queue(struct call *call, int *ret_fd, uint32_t *ret_kind);

/* A hint that names the sessions that run, behind what they are. false: none does. */
bool hint_running(const struct call *call, const char *what);

/* --- session.c: for session take and exec, in the holder -------------------------------------------- */

int session_hand_out(struct call *call, bool move);

/* --- place.c: the directory and the socket --------------------------------------------------------- */

/*
 * The directory, opened and checked for owner and mode; create: make it. An fd, or -1 with a message, but
 * for one that is not there and not to be made: -1 without.
 */
int place_open(const struct call *call, bool create);

/* A listening socket for the session, -1 with a message: a live one is never replaced. */
int place_listen(const struct call *call, const char *name);

/* Make a socket that another process listened on this one's: clients are told whose it is. */
int place_listen_again(int listener);

/* Remove the socket. */
void place_remove(const char *name);

bool is_session_name(const char *name);
#define DEFAULT_SESSION "default"

/* --- holder.c ------------------------------------------------------------------------------------- */

enum { PACKET_ROOM = IOMMUFD_SESSION_PACKET + 4096 }; /* words, header, indexes */

struct client {
	struct client *next, *previous;
	int fd;
	bool answering; /* the rest of out and err is still to be sent: the next command waits */
	struct buffer out, err;
	size_t sent_out, sent_err;
	int code;
	struct device *moving[IOMMUFD_SESSION_FDS]; /* leave the session with this connection */
	size_t n_moving;
};

struct holder {
	const char *name, *rlimit_mode;
	struct context ctx;
	int listener, epoll, signals;
	int spare; /* given up to tell a client that there are no more fds */
	bool stopping, forgetting; /* end; and nothing of it is to be kept */
	struct keeper keeper;
	char *program; /* to be executed by a restart */
	struct client *clients;
	size_t n_clients;
	/* of the command being executed */
	struct buffer out, err;
	int fds[IOMMUFD_SESSION_FDS]; /* to go with the answer: borrowed from the context */
	size_t n_fds;
	struct passed passed[IOMMUFD_SESSION_FDS];
	char *argv[IOMMUFD_SESSION_WORDS + 1];
	char packet[PACKET_ROOM];
};

/* What serving takes, before anybody is told that the session is there. */
int holder_prepare(struct holder *holder, const struct call *call);
/* Serve until a signal or 'session stop'. connections: of clients that came along, the first of which waits
 * for the answer of its 'session restart'. */
int holder_run(struct holder *holder, const struct call *call, const int *connections, size_t n);

/* At the end: all of the context, and only then the connections, so that a client knows when it is gone. */
void holder_release(struct holder *holder);

/* --- restart.c --------------------------------------------------------------------------------------- */

enum { MAX_CONNECTIONS = 4096 };

/* Become a new process of the installed program; returns only when that fails. */
int holder_restart(struct holder *holder, const struct call *call, const struct client *asking);
/* Take over what a holder left, as its journal at fd says. */
int holder_resume(struct holder *holder, const struct call *call, int fd, bool restarted, int *connections,
		  size_t *ret_n);

/* --- answer.c: what goes back to a client ------------------------------------------------------------ */

/* Answer with what holder->out, err and fds hold; what does not go out at once stays with the client.
 * false: the client is gone. */
bool answer(struct holder *holder, struct client *client, int code);
/* More of an answer that did not go out at once. */
bool answer_more(struct client *client);

#endif
