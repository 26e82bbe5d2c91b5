/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/node.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void machine_node(const char *name, struct machine_node *ret)
{
	const char *root = secure_getenv("IOMMUFD_DEV");
	struct stat st;

	*ret = (struct machine_node){ .exists = false };
	if (*name == '/')
		snprintf(ret->path, sizeof(ret->path), "%s", name);
	else
		snprintf(ret->path, sizeof(ret->path), "%s/%s", root && *root ? root : "/dev", name);
	if (stat(ret->path, &st) < 0)
		return;
	ret->exists = true;
	ret->is_device = S_ISCHR(st.st_mode);
	ret->is_file = S_ISREG(st.st_mode);
	ret->rdev = st.st_rdev;
	ret->mode = st.st_mode & 07777;
	ret->uid = st.st_uid;
	ret->gid = st.st_gid;
	ret->opens = faccessat(AT_FDCWD, ret->path, R_OK | W_OK, AT_EACCESS) == 0;
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
