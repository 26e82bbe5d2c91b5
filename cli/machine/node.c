/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/node.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/files.h"

static bool is_mounted(const char *path, dev_t dev)
{
	const char *slash = strrchr(path, '/');
	char directory[256];
	struct stat st;

	snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) + 1 : 0, path);
	return stat(directory, &st) == 0 && st.st_dev != dev;
}

/* Where memory is short for a moment the node is asked again: nothing is wrong with it. */
enum { TRIES = 10 };

static int open_node(const char *path)
{
	int fd = -1;

	for (int i = 0; i < TRIES; i++) {
		fd = open(path, O_PATH | O_CLOEXEC);
		if (fd >= 0 || errno != ENOMEM)
			break;
	}
	return fd;
}

static bool may_open(const char *path)
{
	for (int i = 0; i < TRIES; i++) {
		if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0)
			return true;
		if (errno != ENOMEM)
			break;
	}
	return false;
}

static void write_path(struct machine_node *node, const char *name)
{
	if (*name == '/')
		snprintf(node->path, sizeof(node->path), "%s", name);
	else
		machine_path(IN_DEV, node->path, sizeof(node->path), "%s", name);
}

void machine_node(const char *name, struct machine_node *ret)
{
	struct stat st;
	int fd;

	*ret = (struct machine_node){ .exists = false };
	write_path(ret, name);
	fd = open_node(ret->path);
	if (fd < 0)
		return;
	fstat(fd, &st);
	close(fd);
	ret->exists = true;
	ret->is_device = S_ISCHR(st.st_mode);
	ret->is_file = S_ISREG(st.st_mode);
	ret->is_mounted = is_mounted(ret->path, st.st_dev);
	ret->rdev = st.st_rdev;
	ret->mode = st.st_mode & 07777;
	ret->uid = st.st_uid;
	ret->gid = st.st_gid;
	ret->opens = may_open(ret->path);
}

/* By its number, but for that of root: names would take a look into the databases of users. */
static const char *id_text(char text[16], unsigned int id)
{
	snprintf(text, 16, "%u", id);
	return id ? text : "root";
}

const char *node_rights(rights_text text, const struct machine_node *node)
{
	char uid[16], gid[16];

	snprintf(text, sizeof(rights_text), "%04o %s:%s", (unsigned int)node->mode, id_text(uid, node->uid),
		 id_text(gid, node->gid));
	return text;
}
