/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/session-name.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/files.h"

struct search {
	const char *sockets; /* /proc/net/unix */
	pid_t pid;
	char *buf;
	size_t len;
};

/* "0000...: 00000002 00000000 00010000 0005 01 12345 /proc/self/fd/4/lab": a session's lies in a directory it has open. */
static const char *path_of(const char *sockets, unsigned long long inode)
{
	for (const char *line = sockets; line && *line; line = strchr(line, '\n'), line += line != NULL) {
		unsigned long long number;
		int path = 0;

		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %llu %n", &number, &path) == 1 && path && number == inode)
			return line + path;
	}
	return NULL;
}

static bool look_at_socket(void *arg, const char *name)
{
	static const char prefix[] = "/proc/self/fd/";
	const struct search *search = arg;
	unsigned long long inode;
	const char *path;
	char text[64];
	size_t slash;

	machine_link(IN_PROC, text, sizeof(text), "%d/fd/%s", (int)search->pid, name);
	if (sscanf(text, "socket:[%llu]", &inode) != 1)
		return true;
	path = path_of(search->sockets, inode);
	if (!path || strncmp(path, prefix, strlen(prefix)) != 0)
		return true;
	path += strlen(prefix);
	slash = strcspn(path, "/\n");
	if (path[slash] == '/')
		snprintf(search->buf, search->len, "%.*s", (int)strcspn(path + slash + 1, "\n"), path + slash + 1);
	return !*search->buf;
}

void machine_session_name(pid_t pid, const char *command, char *buf, size_t len)
{
	struct search search = { .pid = pid, .buf = buf, .len = len };
	char path[32], *sockets;

	*buf = '\0';
	if (strcmp(command, "iommufdctl") != 0)
		return;
	machine_read_all(IN_PROC, &sockets, "net/unix");
	search.sockets = sockets;
	snprintf(path, sizeof(path), "%d/fd", (int)pid);
	machine_each(IN_PROC, path, look_at_socket, &search);
	free(sockets);
}
