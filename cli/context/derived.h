/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects that are allocated and destroyed by id: HWPTs, queues, vIOMMUs, and what is made of them. */
#ifndef CLI_CONTEXT_DERIVED_H
#define CLI_CONTEXT_DERIVED_H

#include "context/context.h"

/* What it was made of are ids, 0 for none. */
struct derived {
	struct object object;
	uint32_t device;
	uint32_t parent; /* a HWPT's page table or vIOMMU; the HWPT or vIOMMU of all others */
	uint32_t queue;	 /* of a HWPT's faults */
	uint32_t kind;	 /* of its data, events or hardware, as the kernel numbers them */
	union {
		uint32_t flags; /* of a HWPT, IOMMUFD_HWPT_* */
		uint32_t index; /* of a hardware queue */
	};
	int fd;		 /* of a queue, else -1 */
};

/*
 * Keep what was just allocated, under a name that may be NULL. A lone command has no later one to keep it
 * for: only its fd is closed. -ENOMEM: it cannot be kept, and is destroyed again.
 */
int derived_keep(struct context *ctx, const struct derived *derived, const char *name);

/* NULL: there is none of that id. */
static inline struct derived *derived_by_id(const struct context *ctx, uint32_t id)
{
	struct object *object = object_by_id(ctx, id);

	return object && object->type >= OBJECT_HWPT ? (struct derived *)object : NULL;
}
/* Page faults or a vIOMMU's events are read from its fd. */
static inline bool object_is_queue(const struct object *object)
{
	return object->type == OBJECT_FAULT || object->type == OBJECT_VEVENTQ;
}
/* What was made of this id and is still there, or NULL. */
const struct derived *derived_of(const struct context *ctx, uint32_t id);

/* Forget it; its fd is closed. */
void derived_drop(struct context *ctx, struct derived *derived);
/* Destroy the object. Its queue's fd, which would keep it busy, is closed first. */
int derived_destroy(struct context *ctx, struct derived *derived);

#endif
