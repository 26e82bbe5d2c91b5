/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/named-fd.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST = 3 };

bool named_fd(const char *name, int *ret)
{
	const char *names = secure_getenv("LISTEN_FDNAMES");
	size_t len = strlen(name);

	for (int fd = FIRST; names && len; fd++) {
		if (strncmp(names, name, len) == 0 && (names[len] == ':' || !names[len])) {
			*ret = fd;
			return true;
		}
		names = strchr(names, ':');
		names = names ? names + 1 : NULL;
	}
	return false;
}
