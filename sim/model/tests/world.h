/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that does ioctls on a machine of the model: itself, its own memory, and fds that are numbers
 * only.
 */
#ifndef MODEL_WORLD_H
#define MODEL_WORLD_H

#include "model.h"

enum { WORLD_FDS = 64 };

/* A file in memory. */
struct world_memory {
	struct sim_backing backing;
	uint64_t size;
	unsigned char *bytes;
};

struct world_event {
	struct sim_event event;
	unsigned int fired, freed;
};

struct world {
	struct sim_caller caller;
	struct sim_backing space; /* its memory */
	struct sim_limits limits;
	uint64_t memlock; /* bytes, or SIM_UNLIMITED */
	struct sim_fd fds[WORLD_FDS]; /* kind SIM_FD_OTHER with context NULL: not open; see world_other() */
	bool open[WORLD_FDS];
	int pins; /* of its memory, in pages */
	bool no_fds; /* install() fails */
};

void world_init(struct world *world);
/* The number of an fd that is the thing. Those of memory and events keep the owner's reference. */
int world_fd_context(struct world *world, struct sim_context *context);
int world_fd_memory(struct world *world, struct world_memory *memory);
int world_fd_event(struct world *world, struct world_event *event);
int world_fd_other(struct world *world);
void world_close(struct world *world, int fd);
/* The file that an ioctl installed. */
struct sim_file *world_file(struct world *world, int fd);

void world_memory_init(struct world_memory *memory, void *bytes, uint64_t size);
void world_event_init(struct world_event *event);

#endif
