/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queues that the kernel fills: read by whoever waits for them, and never by a session's holder. */
#ifndef CLI_VERBS_QUEUE_H
#define CLI_VERBS_QUEUE_H

#include "context/registry.h"
#include "engine/command.h"

/* What one read leaves for the next one. */
struct queue_state {
	uint32_t kind; /* what the queue holds; 0: not known */
	bool any;      /* something was read */
	uint32_t sequence; /* of the last event */
};

struct queue_reader {
	enum object_type type;
	enum iommufd_fd_kind kind;
	enum iommufd_op op;
	/* Prints what one read gives. How many, 0: nothing is pending, or -errno. */
	int (*read)(const struct call *call, int fd, struct queue_state *state);
};

/* Is the caller's fd, argument 0, such a queue? Neither read nor written is anything else. An exit code. */
int check_queue_fd(const struct call *call, int fd, enum iommufd_fd_kind kind, enum iommufd_op op);

/*
 * Read argument 0, a queue of this context, until nothing is pending; with --follow, until somebody ends it.
 */
int queue_read(struct call *call, const struct queue_reader *reader);
/* The same in a session's client: the holder hands the fd out. fd:N is the caller's own. */
int queue_read_in_client(struct call *call, const struct queue_reader *reader);
/* In the holder: the fd goes with the answer, which says what the queue holds. */
int queue_hand_out(struct call *call, const struct queue_reader *reader);

#endif
