/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs calls on a backend, and says what came of each in a line. */
#ifndef TRUTH_RUN_H
#define TRUTH_RUN_H

#include "backend.h"
#include "call.h"

struct outcome {
	long ret;	 /* or -errno */
	bool has_result; /* an id or an IOVA */
	uint64_t result;
};

struct run {
	const struct backend_ops *ops;
	struct backend *backend;
	int fds[MAX_CALLS + 1]; /* what each call opened, or -1 */
	uint8_t devices[MAX_CALLS + 1];
	uint64_t results[MAX_CALLS + 1];
};

bool run_start(struct run *run, const struct backend_ops *ops, const char *kernel);
/* The line has no end. */
struct outcome run_call(struct run *run, const struct call *call, FILE *line);
/* Everything is closed, in the order of the calls that opened it. */
void run_finish(struct run *run);

#endif
