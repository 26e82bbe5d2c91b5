/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fds in a message of a UNIX socket. */
#ifndef CLI_UTIL_FDPASS_H
#define CLI_UTIL_FDPASS_H

#include <string.h>
#include <sys/socket.h>

#include "libiommufd.h"

union fdpass {
	struct cmsghdr header; /* for its alignment */
	char room[CMSG_SPACE(IOMMUFD_SESSION_FDS * sizeof(int))];
};

/* room: where they lie until the message is sent. */
static inline void fdpass_put(struct msghdr *message, union fdpass *room, const int *fds, size_t n)
{
	struct cmsghdr *header;

	message->msg_control = room;
	message->msg_controllen = CMSG_SPACE(n * sizeof(int));
	header = CMSG_FIRSTHDR(message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(header), fds, n * sizeof(int));
}

#endif
