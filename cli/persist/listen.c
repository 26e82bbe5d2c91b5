/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist/listen.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context/fds.h"
#include "util/named-fd.h"
#include "util/number.h"

/* Were they given to this process? */
static bool are_ours(void)
{
	const char *pid = secure_getenv("LISTEN_PID");
	uint32_t number;

	return pid && parse_u32(pid, &number) && number == (uint32_t)getpid();
}

int listen_fds(struct kept_fds *ret)
{
	struct named_fd at = { 0 };
	bool ours = are_ours();
	int rc = 0;

	while (rc == 0 && ours && named_fd_next(&at))
		rc = kept_add(ret, at.name, at.len, at.fd, true);
	return rc;
}

void listen_drop_rest(const struct kept_fds *claimed, void (*drop)(void *arg, const char *name), void *arg)
{
	struct named_fd at = { 0 };
	char name[FDNAME_LENGTH];
	bool ours = are_ours(), stored;

	while (ours && named_fd_next(&at)) {
		if (snprintf(name, sizeof(name), "%.*s", (int)at.len, at.name) < (int)sizeof(name) &&
		    kept_find(claimed, name, &stored) < 0)
			drop(arg, name);
		if (fcntl(at.fd, F_GETFD) == 0) /* nobody has asked for it: it would be close-on-exec */
			close(at.fd);
	}
	if (secure_getenv("LISTEN_PID")) /* not for the process after a restart, which has the same pid */
		*secure_getenv("LISTEN_PID") = '\0';
}
