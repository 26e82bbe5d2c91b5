/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "context/registry.h"
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "context/context.h"

static int list_reserve(struct object_list *list, size_t need)
{
	size_t cap = list->cap ? list->cap : 16;
	struct object **items;

	if (need <= list->cap)
		return 0;
	while (cap < need)
		cap *= 2;
	items = reallocarray(list->items, cap, sizeof(struct object *));
	if (!items)
		return -ENOMEM;
	memset(items + list->cap, 0, (cap - list->cap) * sizeof(struct object *));
	list->items = items;
	list->cap = cap;
	return 0;
}

int object_list_add(struct object_list *list, struct object *object)
{
	if (list_reserve(list, list->count + 1) < 0)
		return -ENOMEM;
	list->items[list->count++] = object;
	return 0;
}

void object_list_remove(struct object_list *list, const struct object *object)
{
	for (size_t i = list->count; i-- > 0;)
		if (list->items[i] == object) {
			list->count--;
			memmove(&list->items[i], &list->items[i + 1],
				(list->count - i) * sizeof(struct object *));
			return;
		}
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct object *)a)->name, ((const struct object *)b)->name);
}

static int add_name(struct context *ctx, struct object *object, const char *name)
{
	object->name = strdup(name);
	if (object->name && tsearch(object, &ctx->names, compare_names))
		return 0;
	free(object->name);
	object->name = NULL;
	return -ENOMEM;
}

int object_add(struct context *ctx, struct object *object, const char *name)
{
	if (object->id && list_reserve(&ctx->ids, (size_t)object->id + 1) < 0)
		return -ENOMEM;
	if (name && !object->name && add_name(ctx, object, name) < 0)
		return -ENOMEM;
	if (object->id) {
		ctx->ids.items[object->id] = object;
		if (ctx->ids.count <= object->id)
			ctx->ids.count = (size_t)object->id + 1;
	}
	return 0;
}

int object_enlist(struct context *ctx, struct object_list *list, struct object *object, const char *name)
{
	if (object_list_add(list, object) == 0 && object_add(ctx, object, name) == 0)
		return 0;
	object_list_remove(list, object);
	return -ENOMEM;
}

void object_remove_id(struct context *ctx, const struct object *object)
{
	if (object_by_id(ctx, object->id) == object)
		ctx->ids.items[object->id] = NULL;
}

void object_remove(struct context *ctx, struct object *object)
{
	object_remove_id(ctx, object);
	if (!object->name)
		return;
	tdelete(object, &ctx->names, compare_names);
	free(object->name);
	object->name = NULL;
}

struct object *object_by_id(const struct context *ctx, uint32_t id)
{
	return id && id < ctx->ids.count ? ctx->ids.items[id] : NULL;
}

struct object *object_by_name(const struct context *ctx, const char *name)
{
	const struct object key = { .name = (char *)name };
	struct object **found = tfind(&key, &ctx->names, compare_names);

	return found ? *found : NULL;
}

struct object *object_next(const struct context *ctx, size_t *cursor)
{
	const struct object_list *memories = &ctx->memories, *devices = &ctx->devices, *ids = &ctx->ids;
	size_t i = (*cursor)++;

	if (i < memories->count)
		return memories->items[i];
	i -= memories->count;
	if (i < devices->count)
		return devices->items[i];
	for (i -= devices->count; i < ids->count; i++, (*cursor)++)
		if (ids->items[i] && ids->items[i]->type != OBJECT_DEVICE)
			return ids->items[i];
	return NULL;
}

const char *object_type_name(enum object_type type)
{
	static const char *const names[OBJECT_TYPES] = {
		"a device", "an IOAS", "a memory", "a HWPT", "a fault queue", "a vIOMMU", "a vdevice",
		"an event queue", "a hardware queue",
	};

	return names[type];
}
