/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Other programs that were given fds of a context. While one lives, what it does with them is its business: a
 * device may be attached elsewhere than is known here, an iommufd may hold objects that nobody here knows of.
 */
#ifndef CLI_CONTEXT_TAKER_H
#define CLI_CONTEXT_TAKER_H

#include "context/context.h"

struct taker {
	char what[32]; /* the name of a cdev, or "iommufd" */
	int pid;       /* 0: of a process that cannot be seen from here */
	uint64_t start; /* process_start() */
};

/* A process is given the fd of that. Takers that have ended are forgotten. -ENOMEM */
int taker_add(struct context *ctx, const char *what, int pid, uint64_t start);
/* Does one of them live? */
bool taker_has(const struct context *ctx, const char *what);
bool taker_is_alive(const struct taker *taker);

#endif
