/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an iommufd holds, whoever made it: found by asking the kernel about each id. */
#ifndef CLI_WALK_H
#define CLI_WALK_H

#include "context.h"

struct found {
	uint32_t id;
	int fd; /* of another process */
	enum iommufd_object_type type;
};

struct walk {
	struct found *items;
	size_t count;
};

/* Adds what the iommufd holds beyond what the context knows. EXIT_DONE, or an exit code with its message. */
int walk_ids(const struct call *call, int iommufd, int told_fd, struct walk *walk);

const char *found_type_name(enum iommufd_object_type type);

/* show --pid: the objects of another process's iommufds. */
int show_process(const struct call *call, const char *pid);

#endif
