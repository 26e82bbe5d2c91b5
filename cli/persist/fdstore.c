/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist/fdstore.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "context/fds.h"
#include "util/number.h"

enum { FIRST_LISTEN_FD = 3, SYNC_TIMEOUT = 5000 };

void fdstore_init(struct fdstore *store)
{
	const char *path = secure_getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len;

	*store = (struct fdstore){ .journal.fd = -1, .socket = -1 };
	if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(address.sun_path))
		return;
	strcpy(address.sun_path, path);
	if (*path == '@')
		address.sun_path[0] = '\0';
	store->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (store->socket < 0)
		return;
	/* An abstract name ends where its length says. */
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + (*path != '@'));
	if (connect(store->socket, (const struct sockaddr *)&address, len) < 0) {
		close(store->socket);
		store->socket = -1;
	}
}

static void send_state(struct fdstore *store, const char *text, int fd)
{
	const struct iommufd_session_part part = { (void *)text, strlen(text) };

	if (store->socket >= 0)
		iommufd_session_send_packet(store->socket, &part, 1, &fd, fd >= 0, 0);
	store->pending = store->socket >= 0;
}

/* Not watched: a device's cdev or the iommufd would have it removed as soon as it polls as an error. */
static void store_fd(struct journal *journal, const char *name, int fd)
{
	char text[FDNAME_LENGTH + 64];

	snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
	send_state((struct fdstore *)journal, text, fd);
}

static void drop_fd(struct journal *journal, const char *name)
{
	char text[FDNAME_LENGTH + 64];

	snprintf(text, sizeof(text), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	send_state((struct fdstore *)journal, text, -1);
}

/* The names of what was given back, in the order of the fds, with ':' between them; NULL: nothing was. */
static const char *listen_fdnames(void)
{
	const char *pid = secure_getenv("LISTEN_PID");
	uint32_t number;

	if (!pid || !parse_u32(pid, &number) || number != (uint32_t)getpid())
		return NULL;
	return secure_getenv("LISTEN_FDNAMES");
}

/*
 * What was given back and no record tells of: the holder was killed after it had stored the fd, or before it
 * had it removed. A device among it would be busy for ever.
 */
static void drop_unclaimed(struct fdstore *store)
{
	const char *names = listen_fdnames();
	char name[FDNAME_LENGTH];

	for (int fd = FIRST_LISTEN_FD; names; fd++) {
		size_t len = strcspn(names, ":");

		if (fcntl(fd, F_GETFD) == 0) { /* a claimed one is close-on-exec */
			if (snprintf(name, sizeof(name), "%.*s", (int)len, names) < (int)sizeof(name))
				drop_fd(&store->journal, name);
			close(fd);
		}
		names = names[len] ? names + len + 1 : NULL;
	}
	if (secure_getenv("LISTEN_PID")) /* not for the process after a restart, which has the same pid */
		*secure_getenv("LISTEN_PID") = '\0';
}

int fdstore_start(struct fdstore *store, struct context *ctx, int listener)
{
	/* One that was taken over is written anew: what it told may not be what the kernel had. */
	int rc = store->journal.fd < 0 ? journal_open(&store->journal, ctx)
					: journal_rewrite(&store->journal, ctx);

	if (rc < 0)
		return rc;
	drop_unclaimed(store);
	store->journal.keep = store_fd;
	store->journal.drop = drop_fd;
	journal_observe(&store->journal, ctx);
	store_fd(&store->journal, "iommufd", ctx->iommufd);
	drop_fd(&store->journal, "socket"); /* it may be another one */
	store_fd(&store->journal, "socket", listener);
	store_fd(&store->journal, "state", store->journal.fd);
	fdstore_sync(store);
	return 0;
}

/* The manager reads in order and closes its end of this pipe when it has come here. */
void fdstore_sync(struct fdstore *store)
{
	struct pollfd end = { .events = 0 };
	int pipe[2];

	if (!store->pending || pipe2(pipe, O_CLOEXEC) < 0)
		return;
	send_state(store, "BARRIER=1", pipe[1]);
	store->pending = false;
	close(pipe[1]);
	end.fd = pipe[0];
	while (poll(&end, 1, SYNC_TIMEOUT) < 0 && errno == EINTR)
		;
	close(pipe[0]);
}

static void forget_fd(void *arg, const char *name, int fd)
{
	(void)fd;
	drop_fd(arg, name);
}

void fdstore_forget_all(struct fdstore *store, struct context *ctx)
{
	context_each_fd(ctx, forget_fd, &store->journal);
	drop_fd(&store->journal, "state");
	drop_fd(&store->journal, "socket");
	drop_fd(&store->journal, "iommufd");
	fdstore_sync(store);
}

void fdstore_ready(struct fdstore *store)
{
	send_state(store, "READY=1", -1);
}

int fdstore_listen_fds(struct kept_fds *ret)
{
	const char *names = listen_fdnames();
	int rc = 0;

	for (int fd = FIRST_LISTEN_FD; names && rc == 0; fd++) {
		const size_t len = strcspn(names, ":");

		rc = kept_add(ret, names, len, fd);
		names = names[len] ? names + len + 1 : NULL;
	}
	return rc;
}
