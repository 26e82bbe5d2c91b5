/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the steps are done: on this machine's kernel, or on the model. Both number files and devices alike.
 */
#ifndef IOMMUFD_SIM_SIDE_H
#define IOMMUFD_SIM_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIDE_CONTEXTS = 2, SIDE_OPENS = 2, SIDE_DEVICES = 6, SIDE_MEMFDS = 2, SIDE_FILES = 4 };
/* Pages of the arena, which all mappings are of: the last ones are not there, or cannot be written to. */
enum { ARENA_PAGES = 64, ARENA_READ_ONLY = 48, ARENA_MISSING = 56 };
#define ARENA 0x20000000ul
#define MEMFD_SIZE 0x8000ul

/* What an argument that is an fd stands for; each side has its own numbers. */
enum side_fd { FD_CONTEXT, FD_MEMFD, FD_EVENT, FD_OTHER, FD_NONE };

struct side;

struct side_ops {
	bool (*context_open)(struct side *side, int context);
	void (*context_close)(struct side *side, int context);
	long (*context_ioctl)(struct side *side, int context, unsigned long request, void *arg);
	long (*cdev_open)(struct side *side, int device, int open);
	void (*cdev_close)(struct side *side, int device, int open);
	long (*cdev_ioctl)(struct side *side, int device, int open, unsigned long request, void *arg);
	int (*fd)(struct side *side, enum side_fd what, int which);
	/* An fd that an ioctl gave, at a place that is free. */
	void (*keep)(struct side *side, int file, int fd);
	void (*close_file)(struct side *side, int file);
	long (*read_file)(struct side *side, int file, void *to, size_t len);
	/* The edu copies from one IOVA to another one through its own buffer; it is bound. */
	void (*dma)(struct side *side, int device, int open, uint64_t from, uint64_t to, size_t len);
};

struct side {
	const struct side_ops *ops;
};

/*
 * NULL, and a message: it is not there. kernel NULL: that of this machine. memlock: pages, or 0 without a
 * limit.
 */
struct side *side_real(unsigned long memlock);
struct side *side_model(const char *kernel, unsigned long memlock);

#endif
