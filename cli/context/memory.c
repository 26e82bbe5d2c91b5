/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of a context: memfds that it holds, and files of the caller's that are mapped once. */
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "context.h"
#include "journal.h"
#include "table.h"
#include "options.h"
#include "verbs.h"

struct memory *memory_find(const struct context *ctx, const char *name)
{
	struct object *object = object_by_name(ctx, name);

	return object && object->type == OBJECT_MEMORY ? (struct memory *)object : NULL;
}

/*
 * The kernel checks neither access mode nor seals when it maps a file: we have to. Whoever has the fd can add
 * seals at any time.
 */
bool memory_is_writable(const struct memory *memory)
{
	int seals;

	if (memory->read_only)
		return false;
	seals = fcntl(memory->fd, F_GET_SEALS);
	return seals < 0 || !(seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE));
}

void memory_hold(struct memory *memory, int fd)
{
	memory->fd = fd;
	memory->read_only = (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDWR;
}

struct memory *memory_new(struct context *ctx, const char *name)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return NULL;
	memory->object.type = OBJECT_MEMORY;
	memory->fd = -1;
	memory->serial = ++ctx->n_serials;
	if (list_add(&ctx->memories, &memory->object) == 0 &&
	    object_add(ctx, &memory->object, name) == 0)
		return memory;
	list_remove(&ctx->memories, &memory->object);
	free(memory);
	errno = ENOMEM;
	return NULL;
}

/* fd:N of the caller, as memory without a name for one mapping. */
static int adopt_memory(const struct call *call, const char *ref, int fd, struct memory **ret)
{
	struct memory *memory;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return msg_fail_errno(call->output, ref, errno);
	/* Only files in memory have seals to ask for. */
	if (!S_ISREG(st.st_mode) || fcntl(fd, F_GET_SEALS) < 0)
		return msg_fail(call->output, ref, "not a memfd or a file in memory (EINVAL)");
	memory = memory_new(call->ctx, NULL);
	if (!memory)
		return msg_fail_errno(call->output, ref, ENOMEM);
	memory_hold(memory, fd);
	memory->borrowed = !take_fd(call, ref);
	memory->size = (uint64_t)st.st_size;
	memory->page = (uint64_t)st.st_blksize;
	journal_object(call->ctx, &memory->object);
	*ret = memory;
	return EXIT_DONE;
}

static int no_memory(const struct call *call, const char *ref)
{
	if (!is_name(ref))
		return msg_usage(call->output, "'%s' is no name of a memory, and no fd:N", ref);
	if (object_by_name(call->ctx, ref))
		return msg_fail(call->output, ref, "wrong type: it is no memory");
	msg_fail(call->output, ref, "no memory has this name here");
	msg_hint(call->output, PROGRAM " mem create %s SIZE", ref);
	return EXIT_FAILED;
}

/* No name looks like fd:N. */
int need_memory(const struct call *call, const char *ref, struct memory **ret)
{
	int fd;

	*ret = memory_find(call->ctx, ref);
	if (*ret)
		return EXIT_DONE;
	return word_fd(call, ref, &fd) ? adopt_memory(call, ref, fd, ret) : no_memory(call, ref);
}

void *memory_map(struct memory *memory)
{
	void *at;

	if (memory->map)
		return memory->map;
	at = mmap(NULL, memory->size, PROT_READ | (memory_is_writable(memory) ? PROT_WRITE : 0), MAP_SHARED,
		  memory->fd, 0);
	if (at == MAP_FAILED)
		return NULL;
	return memory->map = at;
}

void memory_drop(struct context *ctx, struct memory *memory)
{
	journal_gone(ctx, &memory->object);
	object_remove(ctx, &memory->object);
	list_remove(&ctx->memories, &memory->object);
	if (memory->map)
		munmap(memory->map, memory->size);
	if (!memory->borrowed && memory->fd >= 0)
		close(memory->fd);
	free(memory);
}

static unsigned int log2_of(uint64_t value)
{
	return 63 - (unsigned int)__builtin_clzll(value);
}

static int memfd_new(const char *name, uint64_t huge)
{
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd;

	if (huge)
		flags |= MFD_HUGETLB | log2_of(huge) << MFD_HUGE_SHIFT;
	fd = memfd_create(name, flags);
	return fd < 0 ? -errno : fd;
}

/* Fix the size: a program that is handed the memory cannot cut it off under a mapping. */
static int fill_memory(struct memory *memory, const char *name, uint64_t size, uint64_t huge)
{
	int fd;

	memory->size = size;
	memory->page = huge ? huge : (uint64_t)sysconf(_SC_PAGESIZE);
	fd = memfd_new(name, huge);
	if (fd < 0)
		return fd;
	memory_hold(memory, fd);
	if (ftruncate(memory->fd, (off_t)size) < 0 ||
	    fcntl(memory->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) < 0)
		return -errno;
	/* Mapping it reserves the huge pages: better to miss them now than at the first DMA. */
	return huge && !memory_map(memory) ? -errno : 0;
}

static int parse_create(const struct call *call, uint64_t *size, uint64_t *huge)
{
	const char *hugetlb = option(call, OPT_HUGETLB);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	int rc = need_size(call, "SIZE", call->args[1], size);

	*huge = 0;
	if (rc == EXIT_DONE && hugetlb)
		rc = need_size(call, "--hugetlb", hugetlb, huge);
	if (rc != EXIT_DONE)
		return rc;
	if (hugetlb && (*huge <= page || *huge & (*huge - 1)))
		return msg_usage(call->output, "--hugetlb: '%s' is no size of a huge page", hugetlb);
	page = hugetlb ? *huge : page;
	if (*size > INT64_MAX)
		return msg_usage(call->output, "SIZE: '%s' is more than a file can have", call->args[1]);
	if (!*size || *size % page)
		return msg_usage(call->output, "SIZE: '%s' is no multiple of the page size, %llu",
				 call->args[1],
			     (unsigned long long)page);
	return EXIT_DONE;
}

int verb_mem_create(struct call *call)
{
	const char *name = call->args[0];
	uint64_t size, huge;
	struct memory *memory;
	int rc = parse_create(call, &size, &huge);

	if (rc != EXIT_DONE || (rc = check_new_name(call, name)) != EXIT_DONE)
		return rc;
	memory = memory_new(call->ctx, name);
	if (!memory)
		return msg_fail_errno(call->output, name, ENOMEM);
	rc = fill_memory(memory, name, size, huge);
	if (rc == 0) {
		journal_object(call->ctx, &memory->object);
		return print_nothing(call->output);
	}
	msg_fail_errno(call->output, name, rc);
	if (huge)
		msg_hint(call->output,
			 "are there free huge pages of that size? see /sys/kernel/mm/hugepages");
	memory_drop(call->ctx, memory);
	return EXIT_FAILED;
}

/* The whole of a BAR, or a part of it, that other devices are to reach. */
static int parse_part(const struct call *call, const struct device *device, uint32_t *index,
		      struct iommufd_span *span)
{
	const char *offset = option(call, OPT_OFFSET), *length = option(call, OPT_LENGTH);
	struct iommufd_region region;
	int rc = need_u32(call, "REGION", call->args[2], index);

	span->start = 0;
	if (rc == EXIT_DONE && offset)
		rc = need_size(call, "--offset", offset, &span->start);
	if (rc == EXIT_DONE && length)
		rc = need_size(call, "--length", length, &span->length);
	if (rc != EXIT_DONE || length)
		return rc;
	rc = iommufd_device_region(device->fd, *index, NULL, 0, &region);
	if (rc < 0)
		return msg_fail_op(call->output, call->args[1], IOMMUFD_OP_REGION_INFO, rc,
				   device->info.kind);
	if (span->start >= region.size)
		return msg_fail(call->output, call->args[1], "the region has %llu bytes (EINVAL)",
				(unsigned long long)region.size);
	span->length = region.size - span->start;
	return EXIT_DONE;
}

int verb_mem_dma_buf(struct call *call)
{
	const char *name = call->args[0];
	struct device *device;
	struct memory *memory;
	struct iommufd_span span;
	uint32_t index;
	int fd, rc = need_device(call, call->args[1], &device);

	if (rc == EXIT_DONE)
		rc = parse_part(call, device, &index, &span);
	if (rc != EXIT_DONE || (rc = check_new_name(call, name)) != EXIT_DONE)
		return rc;
	rc = iommufd_device_dma_buf(device->fd, index, &span, 1, &fd);
	if (rc < 0)
		return msg_fail_op(call->output, call->args[1], IOMMUFD_OP_DMA_BUF, rc, device->info.kind);
	memory = memory_new(call->ctx, name);
	if (!memory) {
		close(fd);
		return msg_fail_errno(call->output, name, ENOMEM);
	}
	memory_hold(memory, fd);
	memory->size = span.length;
	memory->page = (uint64_t)sysconf(_SC_PAGESIZE);
	journal_object(call->ctx, &memory->object);
	return print_nothing(call->output);
}

int verb_mem_destroy(struct call *call)
{
	struct memory *memory;
	int fd, rc;

	if (parse_fd(call->args[0], &fd))
		return msg_usage(call->output, "the fd is the caller's to close");
	rc = need_memory(call, call->args[0], &memory);
	if (rc != EXIT_DONE)
		return rc;
	if (memory->mappings) {
		msg_fail(call->output, call->args[0], "it is mapped, %zu time%s (EBUSY)", memory->mappings,
		     memory->mappings == 1 ? "" : "s");
		msg_hint(call->output,
			 "'" PROGRAM " show' lists the mappings; " PROGRAM " ioas unmap ends one");
		return EXIT_FAILED;
	}
	memory_drop(call->ctx, memory);
	return print_nothing(call->output);
}
