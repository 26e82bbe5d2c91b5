/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/process.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Lines such as "Uid:\t0\t0\t0\t0", in this order; the second number is the effective one. */
static void parse_status(const char *text, struct process *ret)
{
	const char *tgid = strstr(text, "\nTgid:"), *uid = strstr(text, "\nUid:"), *gid = strstr(text, "\nGid:");
	const char *capabilities = strstr(text, "\nCapEff:");

	if (tgid)
		ret->tgid = (pid_t)strtol(tgid + strlen("\nTgid:"), NULL, 10);
	if (uid)
		sscanf(uid, "\nUid: %*u %u", &ret->uid);
	if (gid)
		sscanf(gid, "\nGid: %*u %u", &ret->gid);
	if (capabilities)
		ret->capabilities = strtoull(capabilities + strlen("\nCapEff:"), NULL, 16);
}

int process_look(pid_t tid, struct process *ret)
{
	char path[40], text[4096];
	ssize_t n;
	int fd;

	*ret = (struct process){ .tgid = tid, .uid = UINT32_MAX, .gid = UINT32_MAX };
	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	parse_status(text, ret);
	return 0;
}

int process_copy_fd(pid_t tid, int fd)
{
	struct process process;
	int pidfd, copy;

	if (process_look(tid, &process) < 0)
		return -ESRCH;
	pidfd = (int)syscall(SYS_pidfd_open, process.tgid, 0);
	copy = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	copy = copy < 0 ? -errno : copy;
	if (pidfd >= 0)
		close(pidfd);
	return copy;
}

static struct process_dir *find_dir(struct process_dirs *dirs, pid_t tid)
{
	for (size_t i = 0; i < sizeof(dirs->dirs) / sizeof(*dirs->dirs); i++)
		if (dirs->dirs[i].tid == tid)
			return &dirs->dirs[i];
	return NULL;
}

static void forget_dir(struct process_dir *dir)
{
	if (dir->tid)
		close(dir->fd);
	dir->tid = 0;
}

static struct process_dir *open_dir(struct process_dirs *dirs, pid_t tid)
{
	struct process_dir *dir = &dirs->dirs[dirs->oldest++ % (sizeof(dirs->dirs) / sizeof(*dirs->dirs))];
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)tid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	forget_dir(dir);
	*dir = (struct process_dir){ tid, fd };
	return dir;
}

void process_dirs_fini(struct process_dirs *dirs)
{
	for (size_t i = 0; i < sizeof(dirs->dirs) / sizeof(*dirs->dirs); i++)
		forget_dir(&dirs->dirs[i]);
}

/*
 * Of a process that is not dumpable they belong to root, who is nobody in a user namespace: there a copy is
 * looked at.
 */
static int stat_copy(pid_t tid, int fd, struct stat *st)
{
	int copy = process_copy_fd(tid, fd), rc;

	if (copy < 0)
		return copy;
	rc = fstat(copy, st) < 0 ? -errno : 0;
	close(copy);
	return rc;
}

/*
 * One that was kept may be of a process that has ended, whose number another one has now: then there is
 * nothing in it.
 */
int process_stat_fd(struct process_dirs *dirs, pid_t tid, int fd, struct stat *st)
{
	struct process_dir *dir = find_dir(dirs, tid);
	char name[12];

	snprintf(name, sizeof(name), "%d", fd);
	if (dir && fstatat(dir->fd, name, st, 0) == 0)
		return 0;
	if (dir)
		forget_dir(dir);
	dir = open_dir(dirs, tid);
	if (dir && fstatat(dir->fd, name, st, 0) == 0)
		return 0;
	return errno == EACCES ? stat_copy(tid, fd, st) : -errno;
}
