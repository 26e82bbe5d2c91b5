/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/job.h"
#include <stdlib.h>
#include <string.h>

struct job *job_add(struct jobs *jobs, const struct progress *progress, const char *packet, size_t len,
		    size_t n_fds)
{
	struct job *job = malloc(sizeof(*job) + len);

	if (!job)
		return NULL;
	*job = (struct job){ .progress = *progress, .out = { .fd = -1 }, .err = { .fd = -1 }, .len = len,
			     .n_fds = n_fds };
	job->progress.paused = true;
	memcpy(job->packet, packet, len);
	TAILQ_INSERT_TAIL(jobs, job, link);
	return job;
}

bool jobs_are_busy(const struct jobs *jobs)
{
	const struct job *job;

	TAILQ_FOREACH(job, jobs, link)
		if (!job->progress.waits)
			return true;
	return false;
}

void job_free(struct jobs *jobs, struct job *job)
{
	TAILQ_REMOVE(jobs, job, link);
	free(job->out.buf);
	free(job->err.buf);
	free(job);
}
