/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGE_SIZE = 4096 };

static struct world *world_of(struct sim_caller *caller)
{
	return (struct world *)((char *)caller - offsetof(struct world, caller));
}

/* --- memory ------------------------------------------------------------------------------------------ */

/* An emulator of another processor may not have the system call: then what is low, or very high, is bad. */
static int copy(bool write, uint64_t address, void *bytes, size_t len)
{
	struct iovec here = { bytes, len }, there = { (void *)(uintptr_t)address, len };
	ssize_t n = write ? process_vm_writev(getpid(), &here, 1, &there, 1, 0) :
			    process_vm_readv(getpid(), &here, 1, &there, 1, 0);

	if (n < 0 && errno == ENOSYS && address >= 1 << 16 && address >> 47 == 0) {
		memcpy(write ? there.iov_base : bytes, write ? bytes : there.iov_base, len);
		return 0;
	}
	return n == (ssize_t)len ? 0 : -EFAULT;
}

static int caller_read_memory(struct sim_caller *caller, uint64_t address, void *to, size_t len)
{
	(void)caller;
	return copy(false, address, to, len);
}

static int caller_write_memory(struct sim_caller *caller, uint64_t address, const void *from, size_t len)
{
	(void)caller;
	return copy(true, address, (void *)(uintptr_t)from, len);
}

static int space_read(struct sim_backing *backing, uint64_t offset, void *to, size_t len)
{
	(void)backing;
	return copy(false, offset, to, len);
}

static int space_write(struct sim_backing *backing, uint64_t offset, const void *from, size_t len)
{
	(void)backing;
	return copy(true, offset, (void *)(uintptr_t)from, len);
}

static struct world *world_of_space(struct sim_backing *backing)
{
	return (struct world *)((char *)backing - offsetof(struct world, space));
}

static int space_pin(struct sim_backing *backing, uint64_t offset, uint64_t len, bool write)
{
	for (uint64_t at = offset; at < offset + len; at += PAGE_SIZE) {
		unsigned char byte;

		if (copy(false, at, &byte, 1) || (write && copy(true, at, &byte, 1)))
			return -EFAULT;
	}
	world_of_space(backing)->pins += (int)(len / PAGE_SIZE);
	return 0;
}

static void space_unpin(struct sim_backing *backing, uint64_t offset, uint64_t len)
{
	(void)offset;
	world_of_space(backing)->pins -= (int)(len / PAGE_SIZE);
}

static uint64_t space_memlock(struct sim_backing *backing)
{
	return world_of_space(backing)->memlock;
}

static void nothing(struct sim_backing *backing)
{
	(void)backing;
}

static const struct sim_backing_ops space_ops = { space_read, space_write,    space_pin,
						   space_unpin, space_memlock, nothing };

static struct world_memory *memory_of(struct sim_backing *backing)
{
	return (struct world_memory *)backing; /* its first member */
}

static bool is_inside(const struct world_memory *memory, uint64_t offset, uint64_t len)
{
	return offset + len >= offset && offset + len <= memory->size;
}

static int memory_read(struct sim_backing *backing, uint64_t offset, void *to, size_t len)
{
	const struct world_memory *memory = memory_of(backing);

	if (!is_inside(memory, offset, len))
		return -EFAULT;
	memcpy(to, memory->bytes + offset, len);
	return 0;
}

static int memory_write(struct sim_backing *backing, uint64_t offset, const void *from, size_t len)
{
	const struct world_memory *memory = memory_of(backing);

	if (!is_inside(memory, offset, len))
		return -EFAULT;
	memcpy(memory->bytes + offset, from, len);
	return 0;
}

static int memory_pin(struct sim_backing *backing, uint64_t offset, uint64_t len, bool write)
{
	(void)write;
	return is_inside(memory_of(backing), offset, len) ? 0 : -EINVAL;
}

static const struct sim_backing_ops memory_ops = {
	.read = memory_read, .write = memory_write, .pin = memory_pin, .free = nothing,
};

void world_memory_init(struct world_memory *memory, void *bytes, uint64_t size)
{
	*memory = (struct world_memory){ .backing = { .ops = &memory_ops, .refs = 1 },
					 .size = size,
					 .bytes = bytes };
}

/* --- events ------------------------------------------------------------------------------------------ */

static void event_signal(struct sim_event *event)
{
	((struct world_event *)event)->fired++;
}

static void event_free(struct sim_event *event)
{
	((struct world_event *)event)->freed++;
}

static const struct sim_event_ops event_ops = { event_signal, event_free };

void world_event_init(struct world_event *event)
{
	*event = (struct world_event){ .event = { &event_ops } };
}

/* --- fds --------------------------------------------------------------------------------------------- */

static int new_fd(struct world *world, struct sim_fd what)
{
	int fd = 3;

	while (fd < WORLD_FDS - 1 && world->open[fd])
		fd++;
	world->open[fd] = true;
	world->fds[fd] = what;
	return fd;
}

int world_fd_context(struct world *world, struct sim_context *context)
{
	return new_fd(world, (struct sim_fd){ .kind = SIM_FD_CONTEXT, .context = context });
}

int world_fd_memory(struct world *world, struct world_memory *memory)
{
	return new_fd(world, (struct sim_fd){ .kind = SIM_FD_MEMORY, .backing = &memory->backing });
}

int world_fd_event(struct world *world, struct world_event *event)
{
	return new_fd(world, (struct sim_fd){ .kind = SIM_FD_EVENT, .event = &event->event });
}

int world_fd_other(struct world *world)
{
	return new_fd(world, (struct sim_fd){ .kind = SIM_FD_OTHER });
}

void world_close(struct world *world, int fd)
{
	world->open[fd] = false;
	if (world->fds[fd].kind == SIM_FD_FILE)
		sim_file_close(world->fds[fd].file);
}

struct sim_file *world_file(struct world *world, int fd)
{
	return world->fds[fd].file;
}

static int caller_fd(struct sim_caller *caller, int fd, enum sim_fd_kind wish, struct sim_fd *what)
{
	struct world *world = world_of(caller);

	(void)wish;
	if (fd < 0 || fd >= WORLD_FDS || !world->open[fd])
		return -EBADF;
	*what = world->fds[fd];
	if (what->kind == SIM_FD_MEMORY)
		sim_backing_get(what->backing);
	return 0;
}

static int caller_install(struct sim_caller *caller, struct sim_file *file)
{
	struct world *world = world_of(caller);

	return world->no_fds ? -EMFILE : new_fd(world, (struct sim_fd){ .kind = SIM_FD_FILE, .file = file });
}

/* --- itself ------------------------------------------------------------------------------------------ */

static void caller_limits(struct sim_caller *caller, struct sim_limits *limits)
{
	*limits = world_of(caller)->limits;
}

static struct sim_backing *caller_memory(struct sim_caller *caller)
{
	return sim_backing_get(&world_of(caller)->space);
}

static const struct sim_caller_ops caller_ops = {
	.read = caller_read_memory, .write = caller_write_memory, .fd = caller_fd, .install = caller_install,
	.limits = caller_limits, .memory = caller_memory,
};

void world_init(struct world *world)
{
	*world = (struct world){
		.caller = { &caller_ops },
		.space = { .ops = &space_ops, .refs = 1 },
		.memlock = SIM_UNLIMITED,
		.limits = { .ipc_lock = true, .sys_resource = true },
	};
}
