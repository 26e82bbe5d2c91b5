/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/wanted.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "session/socket.h"

/* The rows that the session printed, behind their headings. */
static void note_rows(const struct output *output, const char *session, const char *rows)
{
	char device[32], address[64], name[NAME_LENGTH + 1];

	while ((rows = strchr(rows, '\n'))) {
		rows++;
		if (sscanf(rows, "%31s %63s %63s", device, address, name) == 3)
			msg_note(output, "%s (%s) is not listed, the kernel waits for its release: "
				 PROGRAM " -s %s unbind %s", device, address, session, name);
	}
}

/* One that does not answer soon, or is too old to know, has nothing to say here. */
static void ask_session(const struct output *output, const char *session)
{
	static const char *const words[] = { "show", "--wanted" };
	const struct timeval limit = { .tv_sec = 1 };
	struct iommufd_session_reply reply;
	struct buffer rows = { .fd = -1 };
	int fd;

	if (iommufd_session_connect(session, &fd) < 0)
		return;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0 &&
	    iommufd_session_run(fd, 0, ARRAY_SIZE(words), words, NULL, 0, &reply) == 0) {
		if (reply.code == EXIT_DONE)
			buf_bytes(&rows, reply.out, reply.out_len);
		buf_char(&rows, '\0');
		if (!rows.error)
			note_rows(output, session, rows.buf);
		iommufd_session_reply_free(&reply);
	}
	free(rows.buf);
	close(fd);
}

void sessions_note_wanted(const struct output *output)
{
	struct buffer nowhere = { .fd = -1 };
	const struct output quiet = { .out = &nowhere, .err = &nowhere };
	struct session_list list;

	if (session_find_all(&quiet, &list) == EXIT_DONE)
		for (size_t i = 0; i < list.count; i++)
			if (list.items[i].state == SESSION_RUNNING)
				ask_session(output, list.items[i].name);
	free(list.items);
	free(nowhere.buf);
}
