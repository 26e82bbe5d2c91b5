/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of a context: memfds that it holds, and files of the caller's that are mapped once. */
#ifndef CLI_CONTEXT_MEMORY_H
#define CLI_CONTEXT_MEMORY_H

#include "context/context.h"

struct memory {
	struct object object;
	int fd;
	bool borrowed;	     /* the caller's: never closed here */
	bool read_only;	     /* so opened; seals come on top of it */
	unsigned int serial; /* tells those without a name apart */
	uint64_t size, page;
	void *map;	 /* the whole of it, where this process needed it, or NULL */
	size_t mappings; /* how many of an IOAS refer to it */
	char bar_of[32]; /* a dma-buf of a BAR of the device with this cdev; "": of none that is known */
};

static inline struct memory *memory_at(const struct context *ctx, size_t i)
{
	return (struct memory *)ctx->memories.items[i];
}

/* NULL: there is none. */
static inline struct memory *memory_by_name(const struct context *ctx, const char *name)
{
	struct object *object = object_by_name(ctx, name);

	return object && object->type == OBJECT_MEMORY ? (struct memory *)object : NULL;
}

struct memory *memory_by_serial(const struct context *ctx, unsigned int serial);

/* Without an fd yet, under a name that may be NULL. -ENOMEM. */
int memory_new(struct context *ctx, const char *name, struct memory **ret);
/* It has its fd now. */
void memory_hold(struct memory *memory, int fd);

/*
 * A new memfd of that size, zeroed; huge: the size of its pages, or 0. -ENOMEM, or what the kernel refused.
 */
int memory_create(struct context *ctx, const char *name, uint64_t size, uint64_t huge);
/* The dma-buf of a BAR of the device with that cdev, of that size. -ENOMEM; fd stays the caller's then. */
int memory_import(struct context *ctx, const char *name, int fd, uint64_t size, const char *cdev);
/* A memfd, a file in memory or a dma-buf, without a name, for one mapping. -EINVAL: it is something else. */
int memory_adopt(struct context *ctx, int fd, bool borrowed, struct memory **ret);

/* The kernel checks neither access mode nor seals when it maps a file. */
bool memory_is_writable(const struct memory *memory);
/* Map the whole of it into this process, once; NULL with errno. */
void *memory_map(struct memory *memory);

void memory_drop(struct context *ctx, struct memory *memory);
/* One mapping less; memory without a name goes with its last one. */
void memory_release(struct context *ctx, struct memory *memory);

#endif
