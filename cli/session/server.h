/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The holder of a session: one process, one context, one command at a time, never waiting for a client. */
#ifndef CLI_SESSION_SERVER_H
#define CLI_SESSION_SERVER_H

#include <sys/queue.h>

#include "context/context.h"
#include "engine/command.h"
#include "persist/fdstore.h"
#include "session/job.h"
#include "session/wire.h"

enum { PACKET_ROOM = IOMMUFD_SESSION_PACKET + 4096 }; /* words, header, indexes */

struct client {
	LIST_ENTRY(client) link;
	struct reply reply; /* the rest of one that did not go out at once: the next command waits */
	uint64_t moving[IOMMUFD_SESSION_FDS]; /* serials of devices that leave with the connection */
	size_t n_moving;
	bool has_them; /* it said so: until then a connection that ends moves nothing */
	bool unbinds; /* the devices leave when it says so */
	struct job *job; /* it waits for its end, NULL: for none */
};

struct holder {
	const char *name, *rlimit_mode;
	const char *restart_failed; /* why this process is the program of before, or NULL */
	const struct verb_group *verbs;
	struct context ctx;
	const struct output *output; /* where its own messages go */
	int listener, epoll, signals;
	int requests; /* an eventfd: the kernel waits for the release of a device */
	int spare; /* given up to tell a client that there are no more fds */
	bool stopping, forgetting; /* end; and nothing of it is to be kept */
	int keeper, keeper_fd; /* a process that ends with this fd: until then its charge can be moved */
	struct fdstore store;
	char *program; /* to be executed by a restart */
	LIST_HEAD(, client) clients;
	size_t n_clients;
	struct jobs jobs;
	/* of the command being executed */
	struct buffer out, err;
	int fds[IOMMUFD_SESSION_FDS]; /* to go with the answer: borrowed from the context */
	size_t n_fds;
	int ours[IOMMUFD_SESSION_FDS]; /* those of them that are closed behind the answer */
	size_t n_ours;
	struct passed passed[IOMMUFD_SESSION_FDS];
	struct iommufd_session_request request;
	char packet[PACKET_ROOM];
};

/* What serving takes, before anybody is told that the session is there. An exit code, with its message. */
int holder_prepare(struct holder *holder, const struct output *output);
/*
 * Serve until a signal or 'session stop'. connections: of clients that came along, the first of which waits
 * for the answer of its 'session restart'.
 */
int holder_run(struct holder *holder, const struct output *output, const int *connections, size_t n);

/* At the end: all of the context, and only then the connections, so that a client knows when it is gone. */
void holder_release(struct holder *holder);

#endif
