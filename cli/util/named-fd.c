/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/named-fd.h"
#include <stdlib.h>
#include <string.h>

bool named_fd_next(struct named_fd *at)
{
	if (!at->name) {
		at->name = secure_getenv("LISTEN_FDNAMES");
		at->fd = FIRST_NAMED_FD;
	} else if (at->name[at->len]) {
		at->name += at->len + 1;
		at->fd++;
	} else {
		return false;
	}
	if (at->name)
		at->len = strcspn(at->name, ":");
	return at->name;
}

bool named_fd(const char *name, int *ret)
{
	size_t len = strlen(name);

	for (struct named_fd at = { 0 }; len && named_fd_next(&at);) {
		if (at.len != len || memcmp(at.name, name, len) != 0)
			continue;
		*ret = at.fd;
		return true;
	}
	return false;
}
