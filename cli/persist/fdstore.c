/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rights.h"

enum { FIRST_LISTEN_FD = 3, SYNC_TIMEOUT = 5000 };

void keeper_init(struct keeper *keeper)
{
	const char *path = secure_getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len;

	*keeper = (struct keeper){ .journal.fd = -1, .socket = -1 };
	if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(address.sun_path))
		return;
	strcpy(address.sun_path, path);
	if (*path == '@')
		address.sun_path[0] = '\0';
	keeper->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (keeper->socket < 0)
		return;
	/* An abstract name ends where its length says. */
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + (*path != '@'));
	if (connect(keeper->socket, (const struct sockaddr *)&address, len) < 0) {
		close(keeper->socket);
		keeper->socket = -1;
	}
}

static void tell(struct keeper *keeper, const char *text, int fd)
{
	struct iovec part = { (void *)text, strlen(text) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	union rights rights;

	if (keeper->socket < 0)
		return;
	if (fd >= 0)
		rights_put(&message, &rights, &fd, 1);
	while (sendmsg(keeper->socket, &message, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
	keeper->pending = true;
}

/* Not watched: a device's cdev or the iommufd would have it removed as soon as it polls as an error. */
static void keep(struct journal *journal, const char *name, int fd)
{
	char text[FDNAME_LENGTH + 64];

	snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
	tell((struct keeper *)journal, text, fd);
}

static void drop(struct journal *journal, const char *name)
{
	char text[FDNAME_LENGTH + 64];

	snprintf(text, sizeof(text), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	tell((struct keeper *)journal, text, -1);
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
static void drop_unclaimed(struct keeper *keeper)
{
	const char *names = listen_fdnames();
	char name[FDNAME_LENGTH];

	for (int fd = FIRST_LISTEN_FD; names; fd++) {
		const char *end = strchr(names, ':');
		size_t len = end ? (size_t)(end - names) : strlen(names);

		if (fcntl(fd, F_GETFD) == 0) { /* a claimed one is close-on-exec */
			if (snprintf(name, sizeof(name), "%.*s", (int)len, names) < (int)sizeof(name))
				drop(&keeper->journal, name);
			close(fd);
		}
		names = names[len] ? names + len + 1 : NULL;
	}
	if (secure_getenv("LISTEN_PID")) /* not for the process after a restart, which has the same pid */
		*secure_getenv("LISTEN_PID") = '\0';
}

int keeper_start(struct keeper *keeper, struct context *ctx, int listener)
{
	/* One that was taken over is written anew: what it told may not be what the kernel had. */
	int rc = keeper->journal.fd < 0 ? journal_open(&keeper->journal, ctx)
					: journal_settle(&keeper->journal, ctx);

	if (rc < 0)
		return rc;
	drop_unclaimed(keeper);
	keeper->journal.keep = keep;
	keeper->journal.drop = drop;
	ctx->journal = &keeper->journal;
	keep(&keeper->journal, "iommufd", ctx->iommufd);
	drop(&keeper->journal, "socket"); /* it may be another one */
	keep(&keeper->journal, "socket", listener);
	keep(&keeper->journal, "state", keeper->journal.fd);
	keeper_sync(keeper);
	return 0;
}

/* The manager reads in order and closes its end of this pipe when it has come here. */
void keeper_sync(struct keeper *keeper)
{
	struct pollfd end = { .events = 0 };
	int pipe[2];

	if (!keeper->pending)
		return;
	keeper->pending = false;
	if (pipe2(pipe, O_CLOEXEC) < 0)
		return;
	tell(keeper, "BARRIER=1", pipe[1]);
	keeper->pending = false;
	close(pipe[1]);
	end.fd = pipe[0];
	while (poll(&end, 1, SYNC_TIMEOUT) < 0 && errno == EINTR)
		;
	close(pipe[0]);
}

static void forget(void *arg, const char *name, int fd)
{
	(void)fd;
	drop(arg, name);
}

void keeper_forget_all(struct keeper *keeper, struct context *ctx)
{
	journal_each_fd(ctx, forget, &keeper->journal);
	drop(&keeper->journal, "state");
	drop(&keeper->journal, "socket");
	drop(&keeper->journal, "iommufd");
	keeper_sync(keeper);
}

void keeper_ready(struct keeper *keeper)
{
	tell(keeper, "READY=1", -1);
}

int keeper_listen_fd(void *arg, const char *name)
{
	const char *names = listen_fdnames();
	size_t len = strlen(name);

	(void)arg;
	for (int fd = FIRST_LISTEN_FD; names; fd++) {
		if (strncmp(names, name, len) == 0 && (names[len] == ':' || !names[len]))
			return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -1 : fd;
		names = strchr(names, ':');
		names = names ? names + 1 : NULL;
	}
	return -1;
}
