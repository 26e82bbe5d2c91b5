/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registry of a context: objects by id and by name. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"

static int list_reserve(struct list *list, size_t need)
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

int list_add(struct list *list, struct object *object)
{
	int rc = list_reserve(list, list->count + 1);

	if (rc == 0)
		list->items[list->count++] = object;
	return rc;
}

void list_remove(struct list *list, const struct object *object)
{
	for (size_t i = list->count; i-- > 0;)
		if (list->items[i] == object) {
			list->count--;
			memmove(&list->items[i], &list->items[i + 1],
				(list->count - i) * sizeof(struct object *));
			return;
		}
}

static size_t bucket(const struct context *ctx, const char *name)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	while (*name)
		hash = (hash ^ (unsigned char)*name++) * 16777619u;
	return hash & (ctx->n_buckets - 1);
}

static void chain(struct context *ctx, struct object *object)
{
	struct object **head = &ctx->names[bucket(ctx, object->name)];

	object->next_name = *head;
	*head = object;
}

static int grow_names(struct context *ctx)
{
	struct object **old = ctx->names, **names;
	size_t n_old = ctx->n_buckets, n = n_old ? n_old * 2 : 16;

	if (ctx->n_names < n_old)
		return 0;
	names = calloc(n, sizeof(struct object *));
	if (!names)
		return -ENOMEM;
	ctx->names = names;
	ctx->n_buckets = n;
	for (size_t i = 0; i < n_old; i++)
		for (struct object *object = old[i], *next; object; object = next) {
			next = object->next_name;
			chain(ctx, object);
		}
	free(old);
	return 0;
}

int object_add(struct context *ctx, struct object *object, const char *name)
{
	if (object->id && list_reserve(&ctx->ids, (size_t)object->id + 1) < 0)
		return -ENOMEM;
	if (name && !object->name) {
		if (grow_names(ctx) < 0 || !(object->name = strndup(name, strlen(name))))
			return -ENOMEM;
		chain(ctx, object);
		ctx->n_names++;
	}
	if (object->id) {
		ctx->ids.items[object->id] = object;
		if (ctx->ids.count <= object->id)
			ctx->ids.count = (size_t)object->id + 1;
	}
	return 0;
}

void object_remove_id(struct context *ctx, const struct object *object)
{
	if (object_by_id(ctx, object->id) == object)
		ctx->ids.items[object->id] = NULL;
}

void object_remove(struct context *ctx, struct object *object)
{
	struct object **at;

	object_remove_id(ctx, object);
	if (!object->name)
		return;
	for (at = &ctx->names[bucket(ctx, object->name)]; *at != object;)
		at = &(*at)->next_name;
	*at = object->next_name;
	ctx->n_names--;
	free(object->name);
	object->name = NULL;
}

struct object *object_by_name(const struct context *ctx, const char *name)
{
	struct object *object = ctx->n_buckets ? ctx->names[bucket(ctx, name)] : NULL;

	while (object && strcmp(object->name, name) != 0)
		object = object->next_name;
	return object;
}

const char *object_type_name(enum object_type type)
{
	static const char names[OBJECT_TYPES][20] = {
		"a device", "an IOAS", "a memory", "a HWPT", "a fault queue", "a vIOMMU", "a vdevice",
		"an event queue", "a hardware queue",
	};

	return names[type];
}

int check_new_name(const struct call *call, const char *name)
{
	const struct object *taken;

	if (!name)
		return EXIT_DONE;
	if (call->ctx->kind == CONTEXT_INHERITED)
		return msg_usage(call->output,
				 "--name has no meaning here: the name would be forgotten at once");
	if (!is_name(name))
		return msg_usage(call->output,
				 "'%s' is no name: a letter or _, then up to 62 of letters, digits, _ . -",
			     name);
	if (strncmp(name, "vfio", 4) == 0 && is_digit(name[4]))
		return msg_usage(call->output, "'%s' is no name: vfioN stands for the device itself", name);
	if (strcmp(name, "iommufd") == 0)
		return msg_usage(call->output, "'iommufd' is no name: it stands for the iommufd itself");
	taken = object_by_name(call->ctx, name);
	if (taken)
		return msg_fail(call->output, name, "the name is taken by %s", object_type_name(taken->type));
	return EXIT_DONE;
}

int need_id(const struct call *call, const char *word, unsigned int types, uint32_t *ret)
{
	const struct object *object;

	if (is_digit(*word)) {
		if (!parse_u32(word, ret))
			return msg_usage(call->output, "'%s' is no id: expected a number up to 4294967295",
					 word);
		object = object_by_id(call->ctx, *ret);
	} else {
		if (!is_name(word))
			return msg_usage(call->output, "'%s' is neither an id nor a name", word);
		object = object_by_name(call->ctx, word);
		if (!object)
			return msg_fail(call->output, word, "nothing has this name here");
		*ret = object->id;
	}
	if (object && !(types & 1U << object->type))
		return msg_fail(call->output, word, "wrong type: it is %s", object_type_name(object->type));
	return EXIT_DONE;
}
