/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/process.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int read_capabilities(pid_t tid, uint64_t *ret)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, tid };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	*ret = (uint64_t)data[1].effective << 32 | data[0].effective;
	return 0;
}

/* The directory belongs to the effective ids, also of who is not dumpable. Its file "status" takes ten times as long. */
int process_look(pid_t tid, struct process *ret)
{
	char path[24];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", (int)tid);
	if (stat(path, &st) < 0)
		return -errno;
	ret->uid = st.st_uid;
	ret->gid = st.st_gid;
	return read_capabilities(tid, &ret->capabilities);
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
	*dir = (struct process_dir){ .tid = tid, .fd = fd };
	return dir;
}

void process_dirs_fini(struct process_dirs *dirs)
{
	for (size_t i = 0; i < sizeof(dirs->dirs) / sizeof(*dirs->dirs); i++)
		forget_dir(&dirs->dirs[i]);
}

static pid_t read_tgid(pid_t tid)
{
	static const char line[] = "\nTgid:";
	char path[40], text[4096], *at;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, line);
	return at ? (pid_t)strtol(at + strlen(line), NULL, 10) : -ESRCH;
}

/* It stays so as long as the directory is one. */
pid_t process_of_thread(struct process_dirs *dirs, pid_t tid)
{
	struct process_dir *dir = find_dir(dirs, tid);
	pid_t tgid = dir && dir->tgid ? dir->tgid : read_tgid(tid);

	if (dir && tgid > 0)
		dir->tgid = tgid;
	return tgid;
}

int process_copy_fd(struct process_dirs *dirs, pid_t tid, int fd)
{
	pid_t tgid = process_of_thread(dirs, tid);
	int pidfd, copy;

	if (tgid < 0)
		return -ESRCH;
	pidfd = (int)syscall(SYS_pidfd_open, tgid, 0);
	copy = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	copy = copy < 0 ? -errno : copy;
	if (pidfd >= 0)
		close(pidfd);
	return copy;
}

/*
 * Of a process that is not dumpable they belong to root, who is nobody in a user namespace: there a copy is
 * looked at.
 */
static int stat_copy(struct process_dirs *dirs, pid_t tid, int fd, struct stat *st)
{
	int copy = process_copy_fd(dirs, tid, fd), rc;

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
	return errno == EACCES ? stat_copy(dirs, tid, fd, st) : -errno;
}
