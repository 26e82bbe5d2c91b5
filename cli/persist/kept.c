/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist/kept.h"
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct kept_fd {
	const char *name;
	int fd;
	bool stored;
	char room[];
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct kept_fd *)a)->name, ((const struct kept_fd *)b)->name);
}

static struct kept_fd *new_entry(const char *name, size_t len, int fd, bool stored)
{
	struct kept_fd *entry = malloc(sizeof(*entry) + len + 1);

	if (!entry)
		return NULL;
	entry->fd = fd;
	entry->stored = stored;
	entry->name = memcpy(entry->room, name, len);
	entry->room[len] = '\0';
	return entry;
}

int kept_add(struct kept_fds *kept, const char *name, size_t len, int fd, bool stored)
{
	struct kept_fd *entry = new_entry(name, len, fd, stored), **found;

	found = entry ? tsearch(entry, &kept->root, compare) : NULL;
	if (!found || *found != entry)
		free(entry);
	return found ? 0 : -ENOMEM;
}

int kept_find(const struct kept_fds *kept, const char *name, bool *ret_stored)
{
	const struct kept_fd key = { .name = name };
	struct kept_fd **found = tfind(&key, &kept->root, compare);

	if (!found || fcntl((*found)->fd, F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	*ret_stored = (*found)->stored;
	return (*found)->fd;
}

void kept_free(struct kept_fds *kept)
{
	tdestroy(kept->root, free);
	kept->root = NULL;
}
