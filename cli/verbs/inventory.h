/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an iommufd holds, whoever made it: the kernel has no list, but ids are dense, and each can be asked
 * for.
 */
#ifndef CLI_VERBS_INVENTORY_H
#define CLI_VERBS_INVENTORY_H

#include "context/context.h"
#include "output/message.h"

struct inventory_item {
	uint32_t id;
	int source_fd; /* of another process */
	enum iommufd_object_type type;
};

struct inventory {
	struct inventory_item *items; /* the caller's to free() */
	size_t count;
	int window; /* free ids in a row: behind them nothing is looked for; 0: many */
};

/*
 * Add all that the iommufd holds, beyond what a context knows, which may be NULL. source_fd: what it is in
 * the process that has it. 0 or -errno; what has been added stays.
 */
int inventory_take(int iommufd, int source_fd, const struct context *known, struct inventory *inventory);
/* The same: an exit code, with its message. */
int inventory_add(const struct output *output, int iommufd, int source_fd, const struct context *known,
		  struct inventory *inventory);

const char *inventory_type_name(enum iommufd_object_type type);

#endif
