/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist/notify.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libiommufd.h"
#include "util/process.h"

enum { PATIENCE_MS = 1000 }; /* of one command */

void notify_open(struct notify *notify)
{
	const char *path = secure_getenv("NOTIFY_SOCKET");

	/* What came from the process before this one was read: its numbers are 1. */
	*notify = (struct notify){ .address.sun_family = AF_UNIX, .socket = -1, .barrier = -1, .n_sent = 1,
				   .n_read = 1 };
	if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(notify->address.sun_path))
		return;
	strcpy(notify->address.sun_path, path);
	if (*path == '@')
		notify->address.sun_path[0] = '\0';
	/* An abstract name ends where its length says. */
	notify->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + (*path != '@'));
	notify->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (notify->socket >= 0 && !notify_is_there(notify)) {
		close(notify->socket);
		notify->socket = -1;
	}
}

bool notify_is_there(struct notify *notify)
{
	if (!notify->gone && notify->socket >= 0 &&
	    connect(notify->socket, (const struct sockaddr *)&notify->address, notify->length) < 0)
		notify->gone = true;
	return !notify->gone;
}

/* As long as this command may still wait. */
static bool wait_for(struct notify *notify, int fd, short events)
{
	struct pollfd ready = { .fd = fd, .events = events };
	int64_t now = (int64_t)clock_ms();

	if (!notify->deadline)
		notify->deadline = notify->stalled ? now : now + PATIENCE_MS;
	return poll(&ready, 1, (int)MAX(notify->deadline - now, 0)) > 0;
}

static bool may_come_right(int error)
{
	return error != -ECONNREFUSED && error != -ECONNRESET && error != -ENOTCONN && error != -EPIPE;
}

static bool send_text(struct notify *notify, const char *text, int fd)
{
	const struct iommufd_session_part part = { (void *)text, strlen(text) };
	int rc;

	if (notify->socket < 0 || notify->gone)
		return false;
	do
		rc = iommufd_session_send_packet(notify->socket, &part, 1, &fd, fd >= 0,
						 IOMMUFD_SESSION_DONTWAIT);
	while (rc == -EAGAIN && !notify->stalled && wait_for(notify, notify->socket, POLLOUT));
	if (rc < 0 && may_come_right(rc))
		notify->stalled = true;
	else if (rc < 0)
		notify->gone = true;
	return rc == 0;
}

uint64_t notify_send(struct notify *notify, const char *text, int fd)
{
	return send_text(notify, text, fd) ? ++notify->n_sent : 0;
}

/* The manager reads in order, and closes its end of this pipe when it has come here. */
static bool ask(struct notify *notify)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	if (send_text(notify, "BARRIER=1", ends[1])) {
		notify->barrier = ends[0];
		notify->n_asked = notify->n_sent;
	} else {
		close(ends[0]);
	}
	close(ends[1]);
	return notify->barrier >= 0;
}

bool notify_wait(struct notify *notify)
{
	while (!notify->gone && (notify->stalled || notify->n_read < notify->n_sent)) {
		if (notify->barrier < 0 && !ask(notify))
			break;
		if (!wait_for(notify, notify->barrier, 0))
			break;
		close(notify->barrier);
		notify->barrier = -1;
		notify->n_read = notify->n_asked;
		notify->stalled = false;
	}
	if (notify->n_read < notify->n_sent)
		notify->stalled = true;
	return !notify->gone && !notify->stalled;
}
