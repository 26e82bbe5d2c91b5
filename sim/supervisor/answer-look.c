/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a placeholder looks like: fstat, newfstatat, statx, readlink and readlinkat show the node that it
 * stands for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "supervisor/memory.h"
#include "supervisor/supervisor.h"

/* What was made by an ioctl has no file type, as what the kernel makes. */
static mode_t mode_of(const struct file *file)
{
	return file->path ? S_IFCHR | (file->kind == FILE_CDEV ? 0600 : 0660) : 0600;
}

static int show_stat(const struct call *call, const struct file *file, uint64_t to)
{
	struct stat st;

	if (fstat(file->fd, &st) < 0)
		return -errno;
	st.st_dev = file->dev;
	st.st_ino = file->ino;
	st.st_mode = mode_of(file);
	st.st_rdev = file->rdev;
	st.st_size = st.st_blocks = 0;
	st.st_nlink = 1;
	return memory_write(call->tid, to, &st, sizeof(st));
}

static int show_statx(const struct call *call, const struct file *file)
{
	struct statx st;

	if (statx(file->fd, "", AT_EMPTY_PATH, (unsigned int)call->args[3], &st) < 0)
		return -errno;
	st.stx_mode = (uint16_t)mode_of(file);
	st.stx_rdev_major = major(file->rdev);
	st.stx_rdev_minor = minor(file->rdev);
	st.stx_size = st.stx_blocks = 0;
	st.stx_nlink = 1;
	return memory_write(call->tid, call->args[4], &st, sizeof(st));
}

/* With AT_EMPTY_PATH a path may still be given. */
static bool is_empty(const struct call *call)
{
	char first = 1;

	return !call->args[1] || (memory_read(call->tid, call->args[1], &first, 1) == 0 && !first);
}

void answer_fstat(struct supervisor *s, const struct call *call)
{
	struct file *file = files_of_fd(&s->files, call->tid, (int)call->args[0]);

	if (!file || (call->number != __NR_fstat && !is_empty(call)))
		return call_run(call);
	call_answer(call, call->number == __NR_statx ? show_statx(call, file) :
				show_stat(call, file, call->args[call->number == __NR_fstat ? 1 : 2]));
}

/* "/proc/PID/fd/N", of whomever: its file. */
static struct file *file_of_link(struct supervisor *s, const struct call *call, const char *path)
{
	pid_t tid = call->tid;
	int used = 0, fd = -1;

	if (sscanf(path, "/proc/self/fd/%d%n", &fd, &used) != 1 &&
	    sscanf(path, "/proc/thread-self/fd/%d%n", &fd, &used) != 1 &&
	    sscanf(path, "/proc/%d/fd/%d%n", &tid, &fd, &used) != 2 && sscanf(path, "/dev/fd/%d%n", &fd, &used) != 1)
		return NULL;
	/* What the supervisor has of them is no open file of a caller. */
	return path[used] || tid == getpid() ? NULL : files_of_fd(&s->files, tid, fd);
}

/* At an open directory, "/proc/PID/fd", there is the number alone. */
static void read_link_path(const struct call *call, char *path, size_t len)
{
	int is_at = call->number == __NR_readlinkat, dirfd = (int)call->args[0];
	char link[48], name[32];
	ssize_t n;

	*path = '\0';
	if (memory_text(call->tid, call->args[is_at], name, sizeof(name)) < 0)
		return;
	snprintf(path, len, "%s", name);
	if (!is_at || *name == '/' || dirfd == AT_FDCWD)
		return;
	snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)call->tid, dirfd);
	n = readlink(link, path, len - sizeof(name) - 1);
	snprintf(path + (n > 0 ? n : 0), sizeof(name) + 1, "/%s", name);
}

static const char *link_text(const struct file *file)
{
	if (file->kind != FILE_MADE)
		return file->path;
	switch (sim_file_kind(file->made)) {
	case SIM_FILE_FAULTS:
		return "anon_inode:[iommufd-pgfault]";
	case SIM_FILE_EVENTS:
		return "anon_inode:[iommufd-viommu-event]";
	case SIM_FILE_DMABUF:
		return "/dmabuf:";
	default:
		return "anon_inode:[vfio-mig]";
	}
}

void answer_readlink(struct supervisor *s, const struct call *call)
{
	int is_at = call->number == __NR_readlinkat;
	size_t room = call->args[is_at + 2], len;
	char path[128], text[128];
	struct file *file;

	read_link_path(call, path, sizeof(path));
	file = file_of_link(s, call, path);
	if (!file || (int)room <= 0)
		return call_run(call);
	len = (size_t)snprintf(text, sizeof(text), "%s%s", file->path ? "/dev/" : "", link_text(file));
	len = len < room ? len : room;
	call_answer(call, memory_write(call->tid, call->args[is_at + 1], text, len) ?: (long)len);
}
