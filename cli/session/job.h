/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command that takes long: between two parts of it the holder serves others. */
#ifndef CLI_SESSION_JOB_H
#define CLI_SESSION_JOB_H

#include <sys/queue.h>

#include "engine/command.h"

struct job {
	TAILQ_ENTRY(job) link;
	struct client *client; /* who waits for it, NULL: nobody any more */
	struct progress progress;
	struct buffer out, err; /* what it has printed so far */
	size_t n_fds, len;
	char packet[]; /* the words, as they came */
};

TAILQ_HEAD(jobs, job);

/* One that goes on behind all others. NULL: out of memory. */
struct job *job_add(struct jobs *jobs, const struct progress *progress, const char *packet, size_t len,
		    size_t n_fds);
/* Does any of them still do something? */
bool jobs_are_busy(const struct jobs *jobs);
void job_free(struct jobs *jobs, struct job *job);

#endif
