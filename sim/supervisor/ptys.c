/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may not make a device node may mount a file system of terminals, and bind one of them to any path. It
 * is never opened: what opens it for reading and writing is answered by the supervisor, and to all others
 * it is an end without the other one. Terminals of this machine count from 0, so as many as are mostly
 * open are left out.
 */
#include "supervisor/ptys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology/tree-file.h"

#define TERMINALS "/dev/.terminals"

enum { FIRST = 64 };

static int bind_node(const struct node *node, size_t number)
{
	struct tree tree = { .root = "/dev" };
	char from[40], to[64];

	tree_bytes(&tree, node->path, "", 0);
	snprintf(from, sizeof(from), TERMINALS "/%zu", number);
	snprintf(to, sizeof(to), "/dev/%s", node->path);
	if (tree.rc == 0 && mount(from, to, NULL, MS_BIND, NULL) < 0)
		return -errno;
	return tree.rc;
}

/* All of them are open until all are made: the number of one that is closed is given to the next. */
static int bind_nodes(const struct nodes *nodes, size_t first, size_t end, int *fds)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < FIRST + end; i++) {
		fds[i] = open(TERMINALS "/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
		rc = fds[i] < 0 ? -errno : 0;
		if (rc == 0 && i >= FIRST + first && node_is_there(&nodes->list[i - FIRST]))
			rc = bind_node(&nodes->list[i - FIRST], i);
	}
	return rc;
}

static int mount_terminals(void)
{
	if (mkdir(TERMINALS, 0755) < 0)
		return -errno;
	return mount("devpts", TERMINALS, "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0600,mode=0600") < 0 ?
	       -errno : 0;
}

int ptys_make_nodes(const struct nodes *nodes, size_t first, size_t end)
{
	int *fds = calloc(FIRST + end, sizeof(*fds)), rc;

	rc = fds ? mount_terminals() : -ENOMEM;
	if (rc == 0) {
		rc = bind_nodes(nodes, first, end, fds);
		umount2(TERMINALS, MNT_DETACH);
	}
	rmdir(TERMINALS);
	for (size_t i = 0; fds && i < FIRST + end; i++)
		if (fds[i] > 0)
			close(fds[i]);
	free(fds);
	return rc;
}
