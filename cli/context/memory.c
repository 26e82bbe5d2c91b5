/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "context/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "context/observer.h"
#include "util/missing.h"

/* The list is in their order: each new one is the last. */
struct memory *memory_by_serial(const struct context *ctx, unsigned int serial)
{
	size_t low = 0, high = ctx->memories.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memory_at(ctx, middle)->serial < serial)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == ctx->memories.count || memory_at(ctx, low)->serial != serial)
		return NULL;
	return memory_at(ctx, low);
}

int memory_new(struct context *ctx, const char *name, struct memory **ret)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return -ENOMEM;
	memory->object.type = OBJECT_MEMORY;
	memory->fd = -1;
	memory->serial = ++ctx->n_serials;
	if (object_enlist(ctx, &ctx->memories, &memory->object, name) < 0) {
		free(memory);
		return -ENOMEM;
	}
	*ret = memory;
	return 0;
}

void memory_hold(struct memory *memory, int fd)
{
	memory->fd = fd;
	memory->read_only = (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDWR;
}

/* The size is fixed: a program that is handed the memory cannot cut it off under a mapping. */
static int fill_memory(struct memory *memory, const char *name, uint64_t size, uint64_t huge)
{
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd;

	if (huge)
		flags |= MFD_HUGETLB | (63U - (unsigned int)__builtin_clzll(huge)) << MFD_HUGE_SHIFT;
	memory->size = size;
	memory->page = huge ? huge : (uint64_t)sysconf(_SC_PAGESIZE);
	fd = memfd_create(name, flags);
	if (fd < 0)
		return -errno;
	memory_hold(memory, fd);
	if (ftruncate(fd, (off_t)size) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) < 0)
		return -errno;
	/* Mapping it reserves the huge pages: better to miss them now than at the first DMA. */
	return huge && !memory_map(memory) ? -errno : 0;
}

int memory_create(struct context *ctx, const char *name, uint64_t size, uint64_t huge)
{
	struct memory *memory;
	int rc = memory_new(ctx, name, &memory);

	if (rc < 0)
		return rc;
	rc = fill_memory(memory, name, size, huge);
	if (rc < 0)
		memory_drop(ctx, memory);
	else
		observe_changed(ctx, &memory->object);
	return rc;
}

int memory_import(struct context *ctx, const char *name, int fd, uint64_t size, const char *cdev)
{
	struct memory *memory;
	int rc = memory_new(ctx, name, &memory);

	if (rc < 0)
		return rc;
	memory_hold(memory, fd);
	memory->size = size;
	memory->page = (uint64_t)sysconf(_SC_PAGESIZE);
	snprintf(memory->bar_of, sizeof(memory->bar_of), "%s", cdev);
	observe_changed(ctx, &memory->object);
	return 0;
}

/*
 * Two names of one open file would be two memories, of which a service manager keeps the first alone, and
 * that until the first is given back.
 */
static struct memory *memory_by_file(const struct context *ctx, int fd, uint64_t size)
{
	for (size_t i = 0; i < ctx->memories.count; i++) {
		struct memory *memory = memory_at(ctx, i);

		if (memory->size == size && memory->fd >= 0 && missing_is_same_file(memory->fd, fd))
			return memory;
	}
	return NULL;
}

/* What the fd is as memory. -EINVAL: something else. */
static int measure(int fd, uint64_t *size, uint64_t *page)
{
	struct stat st;
	off_t end;

	if (fstat(fd, &st) < 0)
		return -errno;
	*size = (uint64_t)st.st_size;
	*page = (uint64_t)st.st_blksize;
	/* Only files in memory have seals to ask for. */
	if (S_ISREG(st.st_mode) && fcntl(fd, F_GET_SEALS) >= 0)
		return 0;
	if (iommufd_fd_kind(fd) != IOMMUFD_FD_DMA_BUF)
		return -EINVAL;
	end = lseek(fd, 0, SEEK_END);
	if (end < 0)
		return -errno;
	*size = (uint64_t)end;
	*page = (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

int memory_adopt(struct context *ctx, int fd, bool borrowed, struct memory **ret)
{
	struct memory *memory;
	uint64_t size = 0, page = 0;
	int rc = measure(fd, &size, &page);

	if (rc < 0)
		return rc;
	*ret = memory_by_file(ctx, fd, size);
	if (*ret)
		return 0;
	rc = memory_new(ctx, NULL, &memory);
	if (rc < 0)
		return rc;
	memory_hold(memory, fd);
	memory->borrowed = borrowed;
	memory->size = size;
	memory->page = page;
	observe_changed(ctx, &memory->object);
	*ret = memory;
	return 0;
}

/* Whoever has the fd can add seals at any time. */
bool memory_is_writable(const struct memory *memory)
{
	int seals;

	if (memory->read_only)
		return false;
	seals = fcntl(memory->fd, F_GET_SEALS);
	return seals < 0 || !(seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE));
}

void *memory_map(struct memory *memory)
{
	int access = PROT_READ | (memory_is_writable(memory) ? PROT_WRITE : 0);
	void *at;

	if (memory->map)
		return memory->map;
	at = mmap(NULL, memory->size, access, MAP_SHARED, memory->fd, 0);
	return at == MAP_FAILED ? NULL : (memory->map = at);
}

void memory_drop(struct context *ctx, struct memory *memory)
{
	observe_gone(ctx, &memory->object);
	object_remove(ctx, &memory->object);
	object_list_remove(&ctx->memories, &memory->object);
	if (memory->map)
		munmap(memory->map, memory->size);
	if (!memory->borrowed && memory->fd >= 0)
		close(memory->fd);
	free(memory);
}

void memory_release(struct context *ctx, struct memory *memory)
{
	if (--memory->mappings == 0 && !memory->object.name)
		memory_drop(ctx, memory);
}
