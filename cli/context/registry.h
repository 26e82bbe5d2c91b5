/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registry of a context: its objects by id and by name. */
#ifndef CLI_CONTEXT_REGISTRY_H
#define CLI_CONTEXT_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct context;

enum object_type {
	OBJECT_DEVICE,
	OBJECT_IOAS,
	OBJECT_MEMORY,
	OBJECT_HWPT, /* from here on: struct derived */
	OBJECT_FAULT,
	OBJECT_VIOMMU,
	OBJECT_VDEVICE,
	OBJECT_VEVENTQ,
	OBJECT_HW_QUEUE,
	OBJECT_TYPES,
};

/* The first member of each kind of object, so that a pointer to one can be cast. */
struct object {
	enum object_type type;
	uint32_t id; /* 0: none (memory; a device that is not bound) */
	char *name;  /* NULL: none */
	bool to_store; /* its fd is to be where it survives a crash of the session */
	uint64_t stored; /* the number of the message by which it got there, 0: it is not there */
};

struct object_list {
	struct object **items;
	size_t count, cap;
};

/* -ENOMEM */
int object_list_add(struct object_list *list, struct object *object);
void object_list_remove(struct object_list *list, const struct object *object);

/* Register an object under its id and name, which may be NULL. -ENOMEM; nothing is registered then. */
int object_add(struct context *ctx, struct object *object, const char *name);
/* The same, and it is in one of the context's lists. */
int object_enlist(struct context *ctx, struct object_list *list, struct object *object, const char *name);
/* Only the id; the object stays. */
void object_remove_id(struct context *ctx, const struct object *object);
void object_remove(struct context *ctx, struct object *object);

/* NULL: there is none. */
struct object *object_by_id(const struct context *ctx, uint32_t id);
struct object *object_by_name(const struct context *ctx, const char *name);
/* Each object once: memory, devices, and the others by id. *cursor starts at 0. NULL: there are no more. */
struct object *object_next(const struct context *ctx, size_t *cursor);

/* With its article: "an IOAS". */
const char *object_type_name(enum object_type type);

#endif
