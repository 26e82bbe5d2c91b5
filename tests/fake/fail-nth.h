/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into the tool, runs it many times, each of them in a fork, and lets one allocation fail: the
 * first, the second and so on, of the kernel's, in whatever system call, and then of the tool's own.
 *
 * They count in the line of a batch on stdin that follows the comment "# fail". Such a run is as one in which
 * nothing fails. Or the line says in one error what is wrong, no fd is left open, and the other lines do and
 * print what they do without it.
 *
 * FAIL_LOOK: a command, in the place of a batch. They count in the whole run, whose single error is all that
 * it prints; what FAIL_LOOK prints afterwards is what it printed before. FAIL_PREPARE: a command, before
 * each run. FAIL_CHILD=1: they count in the holder that session start makes, until it is ready.
 * FAIL_MOST=N: so many of them at most (default: 300; a walk over all ids makes more, which are alike).
 * FAIL_TASK=FILE: they count in another task, whose fail-nth that file is. FAIL_ONLY=N: just one run, without
 * a fork, in which the kernel's allocation N fails. FAIL_NONE=1: the line allocates nothing; else it is an
 * error that nothing can fail, which would have tested nothing.
 *
 * A run that is neither is shown, and ends it all.
 */
#ifndef FAKE_FAIL_NTH_H
#define FAKE_FAIL_NTH_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden) /* err is a function of the C library, too */

enum { ROOM = 65536 };

enum kind { KERNEL, HEAP, KINDS };

/* What a fork has to tell. */
struct report {
	bool reached;
	int more_fds;
};

extern char batch[ROOM];
extern struct report *report;
extern enum kind kind;
extern unsigned long nth; /* which one fails, 0: none */
extern bool left_out;	  /* the line in question is */
extern int out[2], err[2]; /* not files in memory: to write to one takes allocations, which would count */

/* Of a fork, which goes on to main(). */
void begin_run(void);

size_t line_length(const char *line);
bool is_mark(const char *line);

#pragma GCC visibility pop

#endif
