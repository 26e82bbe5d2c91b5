/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fds that came along to this process, by the names under which they were kept. */
#ifndef CLI_PERSIST_KEPT_H
#define CLI_PERSIST_KEPT_H

#include <stdbool.h>
#include <stddef.h>

struct kept_fds {
	void *root; /* of a tree of tsearch(3) */
};

/* The first of a name counts. stored: a service manager has it, too. 0, or -ENOMEM. */
int kept_add(struct kept_fds *kept, const char *name, size_t len, int fd, bool stored);
/* It is close-on-exec from now on; -1: it is not there. */
int kept_find(const struct kept_fds *kept, const char *name, bool *ret_stored);
void kept_free(struct kept_fds *kept);

#endif
