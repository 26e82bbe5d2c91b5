/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command needs: a context, its outputs in memory, four devices in a tree of our own, and a
 * kernel behind them (kernel.h).
 *
 *	vfio0   0000:00:04.0  physical  group 7
 *	vfio1   0000:00:05.0  physical  group 7, so a sibling of vfio0
 *	vfio2   0000:00:06.0  physical  group 8
 *	vfio10  MDEV          emulated  no group
 */
#ifndef WORLD_H
#define WORLD_H

#include "context/context.h"
#include "engine/command.h"
#include "kernel.h"
#include "tree.h"

#define MDEV "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"

struct world {
	struct context ctx;
	struct request from;
	struct buffer out, err;
};

/* A context of the given kind, with the devices. */
struct world *world_new(enum context_kind kind);
void world_free(struct world *world);

/* For cmocka: a lasting context. */
int world_setup(void **state);
int world_teardown(void **state);

/* Run a line, words as in a batch, and return its exit code. The outputs hold what this line printed. */
int command(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *printed(struct world *world);
const char *complained(struct world *world);

/* Run a line that must succeed. */
void ok(struct world *world, const char *line);

/* The line prints nothing, fails with code and says message. The second: and the kernel is not even asked. */
void assert_fails(struct world *world, const char *line, int code, const char *message);
void assert_refused(struct world *world, const char *line, int code, const char *message);

/* Run a line that must succeed and print one number. */
uint32_t number_of(struct world *world, const char *line);

/* How many fds this process has open. */
size_t open_fds(void);

/* Open a file on an fd that commands can be given: 3 or higher. */
int open_file(const char *path);

#endif
