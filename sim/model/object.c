/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "object.h"

#include <errno.h>
#include <stdlib.h>

/* Stands in the place of an id that is taken by nothing. */
static struct object *tombstone(struct sim_context *context)
{
	return (struct object *)context;
}

static bool is_object(const struct sim_context *context, const struct object *object)
{
	return object && object != (const struct object *)context;
}

/* The place of the lowest free id, which is in the array then. */
static bool find_place(struct sim_context *context)
{
	struct object **grown;
	size_t n;

	while (context->lowest <= context->n_objects && context->objects[context->lowest])
		context->lowest++;
	if (context->lowest <= context->n_objects)
		return true;
	n = context->n_objects ? context->n_objects * 2 : 16;
	grown = realloc(context->objects, (n + 1) * sizeof(*grown));
	if (!grown)
		return false;
	for (size_t id = context->n_objects ? context->n_objects + 1 : 0; id <= n; id++)
		grown[id] = NULL;
	context->objects = grown;
	context->n_objects = n;
	return true;
}

void *object_new(struct sim_context *context, enum object_type type, size_t size,
		 void (*destroy)(struct object *))
{
	struct object *object = find_place(context) ? calloc(1, size) : NULL;

	if (!object)
		return NULL;
	object->type = type;
	object->context = context;
	object->destroy = destroy;
	object->id = context->lowest;
	context->objects[object->id] = object;
	return object;
}

static void forget_object(struct object *object, struct object *instead)
{
	struct sim_context *context = object->context;

	context->objects[object->id] = instead;
	if (!instead && object->id < context->lowest)
		context->lowest = object->id;
}

void object_end(struct object *object, bool keep_id)
{
	struct sim_context *context = object->context;

	forget_object(object, keep_id ? tombstone(context) : NULL);
	object->destroy(object);
	free(object);
}

void object_free(struct object *object)
{
	object_end(object, false);
}

void *object_find(const struct sim_context *context, uint32_t id, enum object_type type)
{
	struct object *object = id && id <= context->n_objects ? context->objects[id] : NULL;

	if (!is_object(context, object) || (type != OBJECT_ANY && object->type != type))
		return NULL;
	return object;
}

int object_destroy(struct sim_context *context, uint32_t id)
{
	struct object *object = object_find(context, id, OBJECT_ANY);

	if (!object)
		return -ENOENT;
	if (object->users)
		return -EBUSY;
	object_free(object);
	return 0;
}

bool context_is_empty(const struct sim_context *context)
{
	for (size_t id = 1; id <= context->n_objects; id++)
		if (context->objects[id])
			return false;
	return true;
}

/* --- contexts ---------------------------------------------------------------------------------------- */

struct sim_context *sim_context_open(struct sim *sim, bool compat)
{
	struct sim_context *context = calloc(1, sizeof(*context));

	if (!context)
		return NULL;
	context->sim = sim;
	context->refs = 1;
	context->lowest = 1;
	context->by_process = compat;
	return context;
}

void context_get(struct sim_context *context)
{
	context->refs++;
}

/* Each time round those go that nothing needs any more. */
static void destroy_all(struct sim_context *context)
{
	bool progress = true;

	while (progress) {
		progress = false;
		for (size_t id = 1; id <= context->n_objects; id++) {
			struct object *object = context->objects[id];

			if (!is_object(context, object) || object->users)
				continue;
			object_free(object);
			progress = true;
		}
	}
}

void context_put(struct sim_context *context)
{
	if (--context->refs)
		return;
	destroy_all(context);
	free(context->objects);
	free(context);
}

void sim_context_close(struct sim_context *context)
{
	struct sim *sim = context->sim;

	lock(&sim->ioctls);
	context_put(context);
	unlock(&sim->ioctls);
}
