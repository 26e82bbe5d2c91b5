/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "self.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PAGE = 4096 };

int self_read(struct sim_caller *caller, uint64_t address, void *to, size_t len)
{
	(void)caller;
	if (address < PAGE)
		return -EFAULT;
	memcpy(to, (const void *)(uintptr_t)address, len);
	return 0;
}

int self_write(struct sim_caller *caller, uint64_t address, const void *from, size_t len)
{
	(void)caller;
	if (address < PAGE)
		return -EFAULT;
	memcpy((void *)(uintptr_t)address, from, len);
	return 0;
}

void self_limits(struct sim_caller *caller, struct sim_limits *limits)
{
	(void)caller;
	*limits = (struct sim_limits){ .ipc_lock = true, .sys_resource = true };
}

/* --- what is mapped: nobody reads it, or writes to it -------------------------------------------- */

static int no_read(struct sim_backing *backing, uint64_t offset, void *to, size_t len)
{
	(void)backing, (void)offset, (void)to, (void)len;
	return -EFAULT;
}

static int no_write(struct sim_backing *backing, uint64_t offset, const void *from, size_t len)
{
	(void)backing, (void)offset, (void)from, (void)len;
	return -EFAULT;
}

static void keep(struct sim_backing *backing)
{
	(void)backing;
}

struct sim_backing *self_memory(struct sim_caller *caller)
{
	static const struct sim_backing_ops ops = { .read = no_read, .write = no_write, .free = keep };
	static struct sim_backing space = { .ops = &ops, .refs = 1 };

	(void)caller;
	return sim_backing_get(&space);
}

struct file {
	struct sim_backing backing; /* first */
	uint64_t size;
};

static int file_pin(struct sim_backing *backing, uint64_t offset, uint64_t len, bool write)
{
	const struct file *file = (const struct file *)backing;

	(void)write;
	return offset <= file->size && len <= file->size - offset ? 0 : -EINVAL;
}

static void file_free(struct sim_backing *backing)
{
	free(backing);
}

static const struct sim_backing_ops file_ops = {
	.read = no_read, .write = no_write, .pin = file_pin, .free = file_free,
};

int self_fd(struct sim_caller *caller, int fd, enum sim_fd_kind wish, struct sim_fd *what)
{
	struct file *file;
	struct stat st;

	(void)caller;
	if (fstat(fd, &st) < 0)
		return -EBADF;
	*what = (struct sim_fd){ .kind = SIM_FD_OTHER };
	if (wish != SIM_FD_MEMORY || !S_ISREG(st.st_mode))
		return 0;
	file = calloc(1, sizeof(*file));
	if (!file)
		return -ENOMEM;
	*file = (struct file){ { .ops = &file_ops, .refs = 1 }, (uint64_t)st.st_size };
	*what = (struct sim_fd){ .kind = SIM_FD_MEMORY, .backing = &file->backing };
	return 0;
}
