/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/backing.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/memory.h"

/*
 * /proc/PID/mem belongs to the address space that the process had when it was opened, also after an exec.
 * Of one that is not dumpable it may not be opened in a user namespace: then it is the memory of whoever
 * has that number.
 */
struct space {
	struct sim_backing backing;
	struct space *next;
	pid_t tgid;
	int mem; /* -1: not to be had */
	uint64_t memlock; /* as seen last */
};

struct memory_file {
	struct sim_backing backing;
	LIST_ENTRY(memory_file) next;
	int fd;
	bool writable;
	dev_t dev;
	ino_t ino;
};

static struct space *to_space(struct sim_backing *backing)
{
	return (struct space *)((char *)backing - offsetof(struct space, backing));
}

static struct memory_file *to_file(struct sim_backing *backing)
{
	return (struct memory_file *)((char *)backing - offsetof(struct memory_file, backing));
}

static int whole(ssize_t n, size_t len)
{
	return n >= 0 && (size_t)n == len ? 0 : -EFAULT;
}

static int space_read(struct sim_backing *backing, uint64_t address, void *to, size_t len)
{
	const struct space *space = to_space(backing);

	return space->mem < 0 ? memory_read(space->tgid, address, to, len) :
				whole(pread(space->mem, to, len, (off_t)address), len);
}

static int space_write(struct sim_backing *backing, uint64_t address, const void *from, size_t len)
{
	const struct space *space = to_space(backing);

	return space->mem < 0 ? memory_write(space->tgid, address, from, len) :
				whole(pwrite(space->mem, from, len, (off_t)address), len);
}

/*
 * A line of /proc/PID/maps: "55d3c0a00000-55d3c0a02000 rw-p ...". How far the range is there from its start
 * on.
 */
static uint64_t reach(const char *line, uint64_t at, bool write)
{
	uint64_t start, end;
	char permissions[5];

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &start, &end, permissions) != 3 || at < start || at >= end)
		return at;
	return permissions[write ? 1 : 0] == '-' ? at : end;
}

/* Are all pages of the range there? Those behind a file's end are not asked about. */
static int space_pin(struct sim_backing *backing, uint64_t address, uint64_t len, bool write)
{
	const uint64_t end = address + len;
	char path[40], *line = NULL;
	size_t room = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)to_space(backing)->tgid);
	maps = fopen(path, "re");
	while (maps && address < end && getline(&line, &room, maps) > 0)
		address = reach(line, address, write);
	if (maps)
		fclose(maps);
	free(line);
	return address >= end ? 0 : -EFAULT;
}

/* Of a process that has ended it is the last one that was seen. */
static uint64_t space_memlock(struct sim_backing *backing)
{
	struct space *space = to_space(backing);
	struct rlimit limit;

	if (prlimit(space->tgid, RLIMIT_MEMLOCK, NULL, &limit) == 0)
		space->memlock = limit.rlim_cur == RLIM_INFINITY ? SIM_UNLIMITED : limit.rlim_cur;
	return space->memlock;
}

/* The list has a reference of its own, until somebody asks for another address space of that process. */
static void space_free(struct sim_backing *backing)
{
	struct space *space = to_space(backing);

	if (space->mem >= 0)
		close(space->mem);
	free(space);
}

static const struct sim_backing_ops space_ops = {
	.read = space_read, .write = space_write, .pin = space_pin, .memlock = space_memlock,
	.free = space_free,
};

/* A process that has ended, or has become another program, has none to read: not even an error. */
static bool is_current(const struct space *space)
{
	char byte;

	return space->mem < 0 ? kill(space->tgid, 0) == 0 : pread(space->mem, &byte, 1, 0) != 0;
}

/* Those that are in no mapping any more go as well. */
static struct space *find_space(struct spaces *spaces, pid_t tgid)
{
	struct space **at = &spaces->first, *space;

	while ((space = *at)) {
		if (space->tgid == tgid && is_current(space))
			return space;
		if (!is_current(space)) {
			*at = space->next;
			sim_backing_put(&space->backing);
		} else {
			at = &space->next;
		}
	}
	return NULL;
}

static struct space *add_space(struct spaces *spaces, pid_t tgid)
{
	struct space *space = malloc(sizeof(*space));
	char path[40];

	if (!space)
		return NULL;
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)tgid);
	*space = (struct space){ { .ops = &space_ops, .refs = 1 }, spaces->first, tgid,
				 open(path, O_RDWR | O_CLOEXEC), SIM_UNLIMITED };
	return spaces->first = space;
}

struct sim_backing *spaces_of_process(struct spaces *spaces, pid_t tgid)
{
	struct space *space = find_space(spaces, tgid) ?: add_space(spaces, tgid);

	if (!space)
		return NULL;
	space_memlock(&space->backing);
	return sim_backing_get(&space->backing);
}

void spaces_fini(struct spaces *spaces)
{
	struct space *space;

	while ((space = spaces->first)) {
		spaces->first = space->next;
		sim_backing_put(&space->backing);
	}
}

static int file_read(struct sim_backing *backing, uint64_t offset, void *to, size_t len)
{
	return whole(pread(to_file(backing)->fd, to, len, (off_t)offset), len);
}

static int file_write(struct sim_backing *backing, uint64_t offset, const void *from, size_t len)
{
	return whole(pwrite(to_file(backing)->fd, from, len, (off_t)offset), len);
}

static int file_pin(struct sim_backing *backing, uint64_t offset, uint64_t len, bool write)
{
	struct stat st;

	(void)write;
	if (fstat(to_file(backing)->fd, &st) < 0)
		return -EINVAL;
	return len <= (uint64_t)st.st_size && offset <= (uint64_t)st.st_size - len ? 0 : -EINVAL;
}

static void file_free(struct sim_backing *backing)
{
	LIST_REMOVE(to_file(backing), next);
	close(to_file(backing)->fd);
	free(to_file(backing));
}

static const struct sim_backing_ops file_ops = {
	.read = file_read, .write = file_write, .pin = file_pin, .free = file_free,
};

struct sim_backing *backing_find_file(struct spaces *spaces, const struct stat *st)
{
	struct memory_file *file;

	LIST_FOREACH(file, &spaces->files, next)
		if (file->ino == st->st_ino && file->dev == st->st_dev && file->writable)
			return sim_backing_get(&file->backing);
	return NULL;
}

struct sim_backing *backing_of_file(struct spaces *spaces, int fd, const struct stat *st)
{
	struct memory_file *file = malloc(sizeof(*file));

	if (!file) {
		close(fd);
		return NULL;
	}
	*file = (struct memory_file){ .backing = { .ops = &file_ops, .refs = 1 }, .fd = fd,
				      .writable = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR,
				      .dev = st->st_dev, .ino = st->st_ino };
	LIST_INSERT_HEAD(&spaces->files, file, next);
	return &file->backing;
}

ino_t backing_inode(const struct sim_backing *backing)
{
	return backing && backing->ops == &file_ops ? to_file((struct sim_backing *)backing)->ino : 0;
}

struct event {
	struct sim_event event;
	int fd;
};

static struct event *to_event(struct sim_event *event)
{
	return (struct event *)((char *)event - offsetof(struct event, event));
}

/* One that is full fires nothing more, as in the kernel: a write would wait for who reads it. */
static void signal_event(struct sim_event *event)
{
	struct pollfd full = { .fd = to_event(event)->fd, .events = POLLOUT };
	const uint64_t one = 1;

	if (poll(&full, 1, 0) == 1 && write(full.fd, &one, sizeof(one)) < 0)
		return;
}

static void free_event(struct sim_event *event)
{
	close(to_event(event)->fd);
	free(to_event(event));
}

static const struct sim_event_ops event_ops = { .signal = signal_event, .free = free_event };

struct sim_event *event_of_fd(int fd)
{
	struct event *event = malloc(sizeof(*event));

	if (!event) {
		close(fd);
		return NULL;
	}
	*event = (struct event){ { .ops = &event_ops }, fd };
	return &event->event;
}
