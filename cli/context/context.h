/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A context: the open iommufd, the opened devices, the objects with their names, the memory and where it is
 * mapped. It remembers what the kernel does not show. What lies in this folder takes values, returns -errno,
 * and prints nothing.
 */
#ifndef CLI_CONTEXT_CONTEXT_H
#define CLI_CONTEXT_CONTEXT_H

#include "context/registry.h"
#include "libiommufd.h"

enum context_kind {
	CONTEXT_NONE,	   /* a lone command */
	CONTEXT_ONCE,	   /* the same, released at its end by request (--once) */
	CONTEXT_INHERITED, /* a lone command on an iommufd that the caller keeps */
	CONTEXT_LASTING,   /* outlives the verb: a batch, a session */
};

struct context {
	enum context_kind kind;
	int iommufd;	  /* -1: not opened yet */
	bool borrowed;	  /* iommufd is the caller's */
	bool no_map_file; /* learned: this kernel has no IOAS_MAP_FILE */
	const char *path; /* of the iommufd, NULL: the default */
	struct object_list ids;	       /* by id */
	struct object_list devices, memories;
	void *names; /* the root of a tree of tsearch(3) */
	unsigned int n_serials;
	struct taker *takers; /* who was given fds */
	size_t n_takers;
	uint64_t n_registered; /* devices, of all time */
	uint64_t n_ioases;     /* the same */
	bool charges_process; /* what this process maps is charged to it, not to its user or nobody */
	bool is_shared;	      /* others were given the iommufd, and may have mapped what is not known here */
	bool gives_back; /* a device whose release the kernel waits for is released at once */
	struct context_observer *observer; /* told of each change, or NULL */
};

/* What was refused: an op of the library, or something of this process's own. */
enum { OP_LOCAL = -1 };

void context_init(struct context *ctx, enum context_kind kind);
size_t context_count_ioas(const struct context *ctx);

#endif
