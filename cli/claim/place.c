/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "claim/place.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/files.h"
#include "util/io.h"

int claims_path(char *buf, size_t len, const char *name)
{
	return machine_path(IN_ROOT, buf, len, "run/iommufdctl/claims%s%s", name ? "/" : "", name ?: "");
}

/* Sessions lie beside the claims, in sockets that are closed to others by modes of their own. */
static int make_directory(int parent, const char *name, mode_t mode)
{
	struct stat st;

	if (mkdirat(parent, name, mode) == 0)
		return fchmodat(parent, name, mode, 0) < 0 ? -errno : 0; /* whatever the umask is */
	if (errno != EEXIST)
		return -errno;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (st.st_uid != geteuid() || (st.st_mode & 0777) != 0700)
		return 0;
	return fchmodat(parent, name, mode, 0) < 0 ? -errno : 0;
}

static int open_below(int parent, const char *name, bool create, mode_t mode)
{
	int rc = create ? make_directory(parent, name, mode) : 0, fd;
	struct stat st;

	if (rc < 0)
		return rc;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == EACCES && !create)
		fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && (st.st_uid == 0 || st.st_uid == geteuid()) && !(st.st_mode & 022))
		return fd;
	close(fd);
	return -EPERM;
}

int claims_open(bool create)
{
	char path[PATH_MAX];
	int run = machine_path(IN_ROOT, path, sizeof(path), "run"), own, fd;

	if (run < 0)
		return run;
	run = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (run < 0)
		return -errno;
	own = open_below(run, "iommufdctl", create, 0711);
	close(run);
	if (own < 0)
		return own;
	fd = open_below(own, "claims", create, 0755);
	close(own);
	return fd;
}

typedef char lock_name[128];

static const char *name_lock(lock_name text, const char *name)
{
	snprintf(text, sizeof(lock_name), ".lock-%s", name);
	return text;
}

/* Whoever had it before may have removed the file since it was opened: then it locks nothing. */
static bool is_still_there(int dir, const char *name, int fd)
{
	struct stat opened, there;

	return fstat(fd, &opened) == 0 && fstatat(dir, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       opened.st_ino == there.st_ino && opened.st_dev == there.st_dev;
}

static int read_pid(int fd)
{
	char text[16] = "";

	return pread(fd, text, sizeof(text) - 1, 0) > 0 ? atoi(text) : 0;
}

/* Only for the message of who meets it: that it is there is not worth a failure. */
void claims_note_pid(int lock, int pid)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", pid);

	if (ftruncate(lock, 0) == 0)
		pwrite_all(lock, text, (size_t)len, 0);
}

int claims_lock(int dir, const char *name, int *ret_pid)
{
	lock_name path;

	name_lock(path, name);
	for (;;) {
		int fd = openat(dir, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644), rc;

		if (fd < 0)
			return -errno;
		rc = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
		if (rc == 0 && is_still_there(dir, path, fd)) {
			claims_note_pid(fd, (int)getpid());
			return fd;
		}
		*ret_pid = rc == -EAGAIN ? read_pid(fd) : 0;
		close(fd);
		if (rc < 0)
			return rc;
	}
}

void claims_unlock(int dir, const char *name, int lock)
{
	lock_name path;

	unlinkat(dir, name_lock(path, name), 0);
	close(lock);
}
