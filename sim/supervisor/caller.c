/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/caller.h"
#include <errno.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "supervisor/made.h"
#include "supervisor/memory.h"
#include "supervisor/process.h"

static struct caller *to_caller(struct sim_caller *caller)
{
	return (struct caller *)((char *)caller - offsetof(struct caller, caller));
}

static pid_t tid_of(struct sim_caller *caller)
{
	return to_caller(caller)->call->tid;
}

/*
 * The kernel reads a struct's size, and then the struct: what is read here for the first has the second in
 * it.
 */
static int read_memory(struct sim_caller *caller, uint64_t address, void *to, size_t len)
{
	struct caller *self = to_caller(caller);
	const size_t page = 4096, room = page - address % page;
	size_t ahead = room < sizeof(self->ahead) ? room : sizeof(self->ahead);

	if (len > ahead)
		return memory_read(tid_of(caller), address, to, len);
	if (!self->n_ahead || address < self->ahead_at || address - self->ahead_at + len > self->n_ahead) {
		self->n_ahead = 0;
		if (memory_read(tid_of(caller), address, self->ahead, ahead) < 0)
			return -EFAULT;
		self->ahead_at = address;
		self->n_ahead = ahead;
	}
	memcpy(to, self->ahead + (address - self->ahead_at), len);
	return 0;
}

static int write_memory(struct sim_caller *caller, uint64_t address, const void *from, size_t len)
{
	to_caller(caller)->n_ahead = 0;
	return memory_write(tid_of(caller), address, from, len);
}

/* --- who it is --- */

static void get_limits(struct sim_caller *caller, struct sim_limits *ret)
{
	struct process process;

	*ret = (struct sim_limits){ 0 };
	if (process_look(tid_of(caller), &process) < 0)
		return;
	ret->uid = process.uid;
	ret->ipc_lock = process.capabilities >> CAP_IPC_LOCK & 1;
	ret->sys_resource = process.capabilities >> CAP_SYS_RESOURCE & 1;
}

static struct process_dirs *dirs_of(struct sim_caller *caller)
{
	return &to_caller(caller)->files->dirs;
}

static struct sim_backing *get_memory(struct sim_caller *caller)
{
	pid_t tgid = process_of_thread(dirs_of(caller), tid_of(caller));

	return tgid > 0 ? spaces_of_process(to_caller(caller)->spaces, tgid) : NULL;
}

/* --- its fds --- */

static bool is_memory(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == HUGETLBFS_MAGIC);
}

static int copy_memory(struct caller *self, int fd, const struct stat *st, struct sim_backing **backing)
{
	int copy = process_copy_fd(&self->files->dirs, self->call->tid, fd);

	if (copy < 0)
		return copy == -ENOMEM ? copy : 0;
	if (!is_memory(copy)) {
		close(copy);
		return 0;
	}
	*backing = backing_of_file(self->spaces, copy, st);
	return *backing ? 0 : -ENOMEM;
}

/* Who maps one memory in many pieces does not need as many copies of its fd. */
static int find_memory(struct caller *self, int fd, const struct stat *st, struct sim_fd *what)
{
	int rc = 0;

	if (!S_ISREG(st->st_mode))
		return 0;
	what->backing = backing_find_file(self->spaces, st);
	if (!what->backing)
		rc = copy_memory(self, fd, st, &what->backing);
	if (what->backing)
		what->kind = SIM_FD_MEMORY;
	return rc;
}

static bool is_event(int fd)
{
	static const char expected[] = "anon_inode:[eventfd]";
	char path[32], text[sizeof(expected)];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, text, sizeof(text));
	return n == (ssize_t)strlen(expected) && memcmp(text, expected, (size_t)n) == 0;
}

static int find_event(struct sim_caller *caller, int fd, struct sim_fd *what)
{
	int copy = process_copy_fd(dirs_of(caller), tid_of(caller), fd);

	if (copy < 0)
		return 0;
	if (!is_event(copy)) {
		close(copy);
		return 0;
	}
	what->event = event_of_fd(copy);
	if (!what->event)
		return -ENOMEM;
	what->kind = SIM_FD_EVENT;
	return 0;
}

static int look_at_fd(struct sim_caller *caller, int fd, enum sim_fd_kind wish, struct sim_fd *what)
{
	struct file *file;
	struct stat st;

	*what = (struct sim_fd){ .kind = SIM_FD_OTHER };
	if (fd < 0 || process_stat_fd(dirs_of(caller), tid_of(caller), fd, &st) < 0)
		return -EBADF;
	file = files_find(to_caller(caller)->files, &st);
	if (file && file->kind == FILE_IOMMUFD)
		*what = (struct sim_fd){ .kind = SIM_FD_CONTEXT, .context = file->context };
	else if (file && file->kind == FILE_MADE)
		*what = (struct sim_fd){ .kind = SIM_FD_FILE, .file = file->made };
	else if (!file && wish == SIM_FD_MEMORY)
		return find_memory(to_caller(caller), fd, &st, what);
	else if (!file && wish == SIM_FD_EVENT)
		return find_event(caller, fd, what);
	return 0;
}

static int install_file(struct sim_caller *caller, struct sim_file *made)
{
	struct caller *self = to_caller(caller);
	int placeholder, number;
	struct file *file;
	int rc = made_open(self->files, made, &file, &placeholder);

	if (rc < 0)
		return rc;
	number = call_add_fd(self->call, placeholder, true);
	close(placeholder);
	if (number < 0)
		file_drop(self->files, file);
	else
		made_begin(self->files, file, made);
	return number;
}

static const struct sim_caller_ops ops = {
	.read = read_memory,
	.write = write_memory,
	.fd = look_at_fd,
	.install = install_file,
	.limits = get_limits,
	.memory = get_memory,
};

void caller_init(struct caller *caller, const struct call *call, struct files *files, struct spaces *spaces)
{
	caller->caller.ops = &ops;
	caller->call = call;
	caller->files = files;
	caller->spaces = spaces;
	caller->n_ahead = 0;
}
