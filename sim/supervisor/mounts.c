/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/mounts.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/merge.h"
#include "supervisor/ptys.h"
#include "topology/tree-driver.h"
#include "topology/tree-file.h"
#include "topology/tree.h"

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/* In the new namespace everybody has the ids that he had; those of others are nobody's. */
static int map_ids(uid_t uid, gid_t gid)
{
	char text[40];
	int rc;

	rc = write_file("/proc/self/setgroups", "deny");
	snprintf(text, sizeof(text), "%u %u 1", uid, uid);
	rc = rc ?: write_file("/proc/self/uid_map", text);
	snprintf(text, sizeof(text), "%u %u 1", gid, gid);
	return rc ?: write_file("/proc/self/gid_map", text);
}

/* What is mounted in here stays in here. */
static int keep_in(void)
{
	return mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) < 0 ? -errno : 0;
}

static int enter_as_user(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -errno;
	return map_ids(uid, gid) ?: keep_in();
}

/* Some systems let users make a namespace, and then nothing in it, not even their ids: a child finds out. */
static bool can_enter_as_user(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(enter_as_user() < 0 || mount("none", "/sys", "tmpfs", 0, NULL) < 0);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

int mounts_enter(void)
{
	if (unshare(CLONE_NEWNS) == 0)
		return keep_in();
	return can_enter_as_user() ? enter_as_user() : -EPERM;
}

static int make_sys(const struct topology *topology)
{
	int real = open("/sys", O_PATH | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (real < 0)
		return -errno;
	if (mount("sysfs-sim", "/sys", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755") < 0)
		rc = -errno;
	rc = rc ?: tree_make_sysfs(topology, "/sys") ?: merge_directory(real, "/sys", "");
	close(real);
	return rc;
}

/*
 * The kernel looks for the terminals beside it, in the same mount: bound alone, /dev/ptmx opens none. So
 * there is a copy of the whole, made before it was covered.
 */
static int make_ptmx(int whole)
{
	if (faccessat(whole, "ptmx", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (mkdir("/dev/.real", 0755) < 0 ||
	    move_mount(whole, "", AT_FDCWD, "/dev/.real", MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
	    symlink(".real/ptmx", "/dev/ptmx") < 0)
		return -errno;
	return 0;
}

static int cover_dev(int real, int whole, const struct nodes *nodes)
{
	if (mount("dev-sim", "/dev", "tmpfs", MS_NOSUID, "mode=755") < 0)
		return -errno;
	return ptys_make_nodes(nodes, 0, nodes->n) ?: make_ptmx(whole) ?: merge_directory(real, "/dev", "");
}

static int make_dev(const struct nodes *nodes)
{
	int real = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int whole = open_tree(AT_FDCWD, "/dev", OPEN_TREE_CLONE | AT_RECURSIVE | OPEN_TREE_CLOEXEC);
	int rc = real < 0 || whole < 0 ? -errno : cover_dev(real, whole, nodes);

	if (real >= 0)
		close(real);
	if (whole >= 0)
		close(whole);
	return rc;
}

/* Both numbers of a node lead to its device: the one that it has, and the one that it says it has. */
static int add_numbers(struct nodes *nodes)
{
	struct tree tree = { .root = "/sys" };
	int rc = nodes_find(nodes, "/dev");

	nodes->mounted = true;
	for (size_t i = 0; rc == 0 && i < nodes->n; i++) {
		const struct node *node = &nodes->list[i];

		if (node->device && *node->device->cdev)
			tree_add_number(&tree, node->device, major(node->real), minor(node->real));
	}
	return rc ?: tree.rc;
}

int mounts_make(const struct topology *topology, struct nodes *nodes, const char **what)
{
	int rc;

	*what = "/sys";
	rc = make_sys(topology);
	if (rc < 0)
		return rc;
	*what = "/dev";
	rc = make_dev(nodes) ?: add_numbers(nodes);
	if (rc < 0)
		return rc;
	*what = "/proc";
	return merge_proc(topology);
}

int mounts_make_below(const char *dir, const struct topology *topology, const struct nodes *nodes)
{
	struct tree tree = { .root = dir };
	tree_path path;
	int rc;

	tree_dir(&tree, "sys");
	for (size_t i = 0; i < nodes->n; i++)
		if (node_is_there(&nodes->list[i]))
			tree_bytes(&tree, tree_print(path, "dev/%s", nodes->list[i].path), "", 0);
	rc = tree_make_sysfs(topology, tree_print(path, "%s/sys", dir));
	return tree.rc ?: rc;
}
