/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queues that the kernel fills: read by whoever waits for them, and never by a session's holder. */
#ifndef CLI_VERBS_QUEUE_H
#define CLI_VERBS_QUEUE_H

#include "context/registry.h"
#include "engine/command.h"

/* Prints what one read gives. How many, 0: nothing is pending, or -errno. */
typedef int read_queue_fn(struct call *call, int fd, void *arg);

struct queue_reader {
	enum object_type type;
	enum iommufd_op op;
	read_queue_fn *read;
	void *arg;
	uint32_t kind; /* what the queue holds, once it is open; 0: not known */
	void (*opened)(struct queue_reader *reader); /* or NULL */
};

/*
 * Read argument 0, a queue of this context, until nothing is pending; with --follow, until somebody ends it.
 */
int queue_read(struct call *call, struct queue_reader *reader);
/* The same in a session's client: the holder hands the fd out. fd:N is the caller's own. */
int queue_read_in_client(struct call *call, struct queue_reader *reader);
/* In the holder: the fd goes with the answer, which says what the queue holds. */
int queue_hand_out(struct call *call, enum object_type type);

#endif
