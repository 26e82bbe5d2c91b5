/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IOASes of a context, and where memory is mapped in them, which the kernel does not tell. */
#ifndef CLI_CONTEXT_IOAS_H
#define CLI_CONTEXT_IOAS_H

#include "context/context.h"
#include "context/mapping.h"

struct ioas {
	struct object object;
	uint64_t serial; /* ids come again */
	struct mappings mappings;
	bool adopted;	  /* it was there before this context */
	bool needs_remap; /* what it maps is of a process that ended: pinned as long as hardware uses it */
};

/* The IOAS of that id if this context made it, else NULL: the kernel may know it all the same. */
static inline struct ioas *ioas_by_id(const struct context *ctx, uint32_t id)
{
	struct object *object = object_by_id(ctx, id);

	return object && object->type == OBJECT_IOAS ? (struct ioas *)object : NULL;
}

/* Allocate one, under a name that may be NULL. -ENOMEM, or what the kernel refused. */
int ioas_alloc(struct context *ctx, const char *name, uint32_t *ret);
/* Make one known that the kernel has already, under a name that may be NULL. NULL: out of memory. */
struct ioas *ioas_add(struct context *ctx, uint32_t id, const char *name, bool adopted);
/* The same for one that is not of this context, so that its mappings are remembered. -ENOMEM. */
int ioas_adopt(struct context *ctx, uint32_t id, struct ioas **ret);
/* Forget it, and what it maps. */
void ioas_drop(struct context *ctx, struct ioas *ioas);

/* Each IOAS once, by id. *cursor starts at 0. NULL: there are no more. */
struct ioas *ioas_next(const struct context *ctx, size_t *cursor);

/* How much is mapped: in it, in all that this context knows. */
uint64_t ioas_mapped_bytes(const struct ioas *ioas);
uint64_t context_mapped_bytes(const struct context *ctx);

/* The mapping that an address lies in, or NULL. */
const struct mapping *ioas_mapping(const struct ioas *ioas, uint64_t iova);
/* What is mapped where. -ENOMEM */
int ioas_remember(struct ioas *ioas, const struct mapping *mapping);
void ioas_forget(struct context *ctx, struct ioas *ioas, uint64_t iova, uint64_t length);

struct map_result {
	int op;	       /* of a failure: an enum iommufd_op, or OP_LOCAL */
	uint64_t iova; /* where it was mapped */
	uint64_t left; /* of a failure: so many bytes could not be unmapped again */
};

/*
 * Map a part of memory, in chunks that can be unmapped one by one. what->iova is where, with
 * IOMMUFD_MAP_FIXED. A kernel without IOAS_MAP_FILE (before Linux 6.13) maps memory of this process, which
 * must outlive the mapping: -ENOTTY where the iommufd is borrowed. What was mapped before a failure is
 * unmapped again.
 */
int ioas_map(struct context *ctx, struct ioas *ioas, const struct mapping *what, uint64_t chunk,
	     struct map_result *ret);
/* Map one mapping, and remember nothing. */
int ioas_map_kernel(struct context *ctx, uint32_t ioas, struct mapping *mapping, int *ret_op);

/* Does the range cut a mapping that is known? */
bool ioas_is_cut(const struct ioas *ioas, uint64_t iova, uint64_t length);
/* Unmap whole mappings, also of an IOAS that is not known here. *ret_done: bytes. */
int ioas_unmap(struct context *ctx, uint32_t id, uint64_t iova, uint64_t length, uint64_t *ret_done);

/* How many mappings have one of these bits, MAPPING_*? */
size_t context_count_state(const struct context *ctx, unsigned int state);
/* The process that was charged has ended. */
void context_orphan(struct context *ctx);

/*
 * The device with that cdev has been reset, sleeps, or is closed: what is mapped of its BARs is revoked, and
 * stays so until it is mapped anew. How many mappings were not so before.
 */
size_t context_revoke(struct context *ctx, const char *cdev);

struct copy {
	uint32_t to, from;
	uint64_t start, length; /* what of from */
	unsigned int flags;	/* IOMMUFD_MAP_* */
	uint64_t iova;		/* in to: where, with IOMMUFD_MAP_FIXED, else where it came to be */
};

/* Map in one IOAS what is mapped in another. -ENOMEM with OP_LOCAL: it is undone. */
int ioas_copy(struct context *ctx, struct copy *copy, int *ret_op);

#endif
