/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who keeps a session's fds while its holder is away: the service manager, as systemd does (FDSTORE). It says
 * of none whether it has taken it. What is known all the same: how many it takes, told by FDSTORE= or found
 * out; and what it has read.
 */
#ifndef CLI_PERSIST_FDSTORE_H
#define CLI_PERSIST_FDSTORE_H

#include "output/message.h"
#include "persist/journal.h"
#include "persist/notify.h"

/* What is the session's own and no object's: without these a crash loses all of it. */
struct own_fd {
	const char *name;
	int fd;
	uint64_t stored; /* the number of the message, 0: it is not stored */
};

enum { OWN_IOMMUFD, OWN_SOCKET, OWN_STATE, OWN_FDS };

struct fdstore {
	struct journal journal; /* first: its callbacks cast back */
	struct notify notify;
	struct own_fd own[OWN_FDS];
	size_t limit;	  /* how many it takes, SIZE_MAX: that is not known */
	size_t count;	  /* how many it has */
	bool unproven;	  /* limit is not known, and neither is room for one more */
	bool is_proven;	  /* it has taken one */
	size_t n_missing; /* objects whose fd is not stored */
	struct buffer removals; /* the names of what it was not told to drop yet, each with its NUL */
	bool ready_due;	  /* it was not told yet that the session is ready */
	bool moved;	  /* something came of the last try */
	/* of the command being executed: */
	struct object_list wanted; /* what was to be stored */
	struct buffer dropped;	   /* the names of what was to be dropped */
};

/* Find the service manager, if there is one. */
void fdstore_init(struct fdstore *store);
static inline bool fdstore_exists(const struct fdstore *store)
{
	return store->notify.socket >= 0;
}

/*
 * Have it keep the iommufd, the listening socket and the journal; what the context holds, from now on. That
 * it does not is told.
 */
int fdstore_start(struct fdstore *store, struct context *ctx, int listener, const struct output *output);
/* Before a command is acknowledged: wait until it has what was sent, within limits; tell what it has not. */
void fdstore_sync(struct fdstore *store, const struct context *ctx, const struct output *output);
/* In how many milliseconds to try again to send what it has not taken, -1: there is nothing. */
int fdstore_retry_in(const struct fdstore *store);
void fdstore_retry(struct fdstore *store, const struct context *ctx);
/* The session ends for good: nothing is to be kept. */
void fdstore_forget_all(struct fdstore *store, struct context *ctx);
/* Tell it that the session is ready. */
void fdstore_ready(struct fdstore *store);

/* Is the service manager still there? Nothing else tells but a message to it. */
static inline void fdstore_check(struct fdstore *store)
{
	notify_is_there(&store->notify);
}

/* In a word: ok, full, stalled, gone; NULL: there is no service manager. */
const char *fdstore_state(const struct fdstore *store);
/* Would the object survive a crash, as far as its fd goes? */
bool fdstore_has(const struct fdstore *store, const struct object *object);

#endif
