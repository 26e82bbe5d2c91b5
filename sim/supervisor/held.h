/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the iommufds of the machine hold, for tests: with the option --observe any of them can be asked by an
 * ioctl that no kernel has.
 */
#ifndef SIM_SUPERVISOR_HELD_H
#define SIM_SUPERVISOR_HELD_H

#include <stdint.h>

#define HELD_IOCTL 0x3bffu

enum held_kind { HELD_IOAS, HELD_HWPT, HELD_DEVICE, HELD_OTHER, HELD_MAPPING };

struct held {
	uint32_t kind, id, on; /* as struct sim_held has it */
	uint32_t iommufd;      /* 1, 2, ...: which of them */
	uint64_t iova, length, offset;
	uint64_t file; /* of a mapping: the inode of its memory, 0 of a process's own */
	char address[40]; /* of a device */
};

struct held_query {
	uint64_t entries; /* where they go */
	uint32_t room;	  /* for so many */
	uint32_t n;	  /* there are so many */
};

#endif
