/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program that a line of a batch runs. */
#ifndef CLI_SESSION_CHILD_H
#define CLI_SESSION_CHILD_H

#include "session/handover.h"

/* Ends in become(), or returns an exit code, with its message. */
typedef int becoming(const struct call *call, void *arg);

/*
 * A line of a batch: have it done in a child process, and wait for that. Returns the exit code of the program
 * that it became, said where it is not 0; or what become() and becoming() return.
 */
int run_and_wait(const struct call *call, becoming *start, void *arg);

#endif
