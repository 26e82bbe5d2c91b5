/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has an id in a context. */
#ifndef IOMMUFD_SIM_OBJECT_H
#define IOMMUFD_SIM_OBJECT_H

#include <stddef.h>
#include <stdint.h>

#include "machine.h"

enum object_type {
	OBJECT_ANY,
	OBJECT_DEVICE,
	OBJECT_HWPT_PAGING,
	OBJECT_HWPT_NESTED,
	OBJECT_IOAS,
	OBJECT_ACCESS,
	OBJECT_FAULT,
	OBJECT_VIOMMU,
	OBJECT_VDEVICE,
	OBJECT_VEVENTQ,
	OBJECT_HW_QUEUE,
};

/* At the head of each. */
struct object {
	enum object_type type;
	uint32_t id;
	unsigned int users; /* who needs it: until there are none it cannot be destroyed */
	struct sim_context *context;
	void (*destroy)(struct object *object); /* ends what it stands for, frees nothing of its own struct */
};

/* One open /dev/iommu. */
struct sim_context {
	struct sim *sim;
	unsigned int refs; /* the open file, and what is bound, an access or an open queue */
	struct object **objects;
	size_t n_objects;   /* ids 1 to n_objects have a place in the array, which begins with that of id 0 */
	uint32_t lowest;    /* no id below this one is free */
	struct ioas *compat_ioas;
	bool by_process; /* charges the process, not the user */
	SLIST_HEAD(, viommu) viommus;
};

static inline pthread_mutex_t *iova_lock(const struct object *object)
{
	return &object->context->sim->iova;
}

/* A zeroed struct of size bytes with the lowest id that is free; NULL: out of memory. */
void *object_new(struct sim_context *context, enum object_type type, size_t size,
		 void (*destroy)(struct object *));
/* Undoes it. */
void object_free(struct object *object);
/* Destroys it by its owner, for whom users does not count. Its id stays taken where keep_id says so. */
void object_end(struct object *object, bool keep_id);
/* NULL where there is none, or one of another type. */
void *object_find(const struct sim_context *context, uint32_t id, enum object_type type);
/* -ENOENT, -EBUSY */
int object_destroy(struct sim_context *context, uint32_t id);
bool context_is_empty(const struct sim_context *context);

void context_get(struct sim_context *context);
void context_put(struct sim_context *context);

#endif
