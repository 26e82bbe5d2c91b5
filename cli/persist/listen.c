/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist/listen.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context/fds.h"
#include "util/number.h"

enum { FIRST_LISTEN_FD = 3 };

/* The names of what was given back, in the order of the fds, with ':' between them; NULL: nothing was. */
static const char *listen_fdnames(void)
{
	const char *pid = secure_getenv("LISTEN_PID");
	uint32_t number;

	if (!pid || !parse_u32(pid, &number) || number != (uint32_t)getpid())
		return NULL;
	return secure_getenv("LISTEN_FDNAMES");
}

int listen_fds(struct kept_fds *ret)
{
	const char *names = listen_fdnames();
	int rc = 0;

	for (int fd = FIRST_LISTEN_FD; names && rc == 0; fd++) {
		const size_t len = strcspn(names, ":");

		rc = kept_add(ret, names, len, fd, true);
		names = names[len] ? names + len + 1 : NULL;
	}
	return rc;
}

void listen_drop_rest(const struct kept_fds *claimed, void (*drop)(void *arg, const char *name), void *arg)
{
	const char *names = listen_fdnames();
	char name[FDNAME_LENGTH];
	bool stored;

	for (int fd = FIRST_LISTEN_FD; names; fd++) {
		size_t len = strcspn(names, ":");

		if (snprintf(name, sizeof(name), "%.*s", (int)len, names) < (int)sizeof(name) &&
		    kept_find(claimed, name, &stored) < 0)
			drop(arg, name);
		if (fcntl(fd, F_GETFD) == 0) /* nobody has asked for it: it would be close-on-exec */
			close(fd);
		names = names[len] ? names + len + 1 : NULL;
	}
	if (secure_getenv("LISTEN_PID")) /* not for the process after a restart, which has the same pid */
		*secure_getenv("LISTEN_PID") = '\0';
}
