/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/blank.h"
#include <stdio.h>
#include <string.h>

#include "context/derived.h"
#include "resolve/arguments.h"
#include "resolve/object.h"

static bool is(const char *blank, size_t len, const char *name)
{
	return strlen(name) == len && strncmp(name, blank, len) == 0;
}

/* ---- the program, and which context its command is for ---- */

/* rest: " attach nic guest", or what else stands behind the program's name. */
static bool needs_context(const struct call *call, const char *rest)
{
	const struct verb *best = NULL;

	for_each_verb(verb, call->request->verbs) {
		size_t len = strlen((*verb)->name);

		if (*rest == ' ' && strncmp(rest + 1, (*verb)->name, len) == 0 &&
		    (!rest[1 + len] || strchr(" ',;", rest[1 + len])) &&
		    (!best || len > strlen(best->name)))
			best = *verb;
	}
	return best && best->needs && best->args[0].type != ARG_SESSION;
}

/* ---- what the command is about ---- */

static const struct object *find_argument(const struct call *call, unsigned int types)
{
	for (int i = 0; i < call->n_args && call->verb->args[i].name; i++) {
		const struct object *object = call->objects[i];

		if (!object && call->verb->args[i].type == ARG_ID)
			object = object_by_id(call->ctx, arg_u32(call, i));
		if (object && 1U << object->type & types)
			return object;
	}
	return NULL;
}

/* The only one there is, NULL: there is none, or which one is not known. */
static const struct object *only_one(const struct context *ctx, unsigned int types)
{
	const struct object *object, *found = NULL;
	size_t cursor = 0;

	while ((object = object_next(ctx, &cursor))) {
		if (!(1U << object->type & types))
			continue;
		if (found)
			return NULL;
		found = object;
	}
	return found;
}

static const struct object *parent_of(const struct context *ctx, const struct object *object)
{
	const struct derived *derived = (const struct derived *)object;

	return object->type < OBJECT_HWPT ? NULL : object_by_id(ctx, derived->parent);
}

/* The IOAS that an object is of, or is attached to. */
static const struct object *home_of(const struct context *ctx, const struct object *object)
{
	const struct device *device = (const struct device *)object;

	if (object && object->type == OBJECT_DEVICE && device->attachment == ATTACHED)
		object = object_by_id(ctx, device->requested_pt);
	while (object && object->type != OBJECT_IOAS)
		object = parent_of(ctx, object);
	return object;
}

static const struct object *find_ioas(const struct call *call)
{
	const unsigned int tables = TYPE(HWPT) | TYPE(IOAS);

	return home_of(call->ctx, find_argument(call, tables)) ?:
	       home_of(call->ctx, find_argument(call, TYPE(DEVICE))) ?: only_one(call->ctx, TYPE(IOAS));
}

/* The device whose BAR memory is, which a page table was made for, or which is the only one. */
static const char *name_device(const struct call *call, char room[BLANK_ROOM])
{
	const struct derived *table = (const struct derived *)find_argument(call, TYPE(HWPT));
	const struct memory *memory = (const struct memory *)find_argument(call, TYPE(MEMORY));
	const struct object *found = NULL;
	uint32_t id = table ? table->device : 0;

	if (memory)
		found = (struct object *)device_by_cdev(call->ctx, memory->bar_of);
	if (!found)
		found = id ? object_by_id(call->ctx, id) : only_one(call->ctx, TYPE(DEVICE));
	if (found)
		return object_called(found, room);
	snprintf(room, BLANK_ROOM, "%u", id);
	return id ? room : NULL;
}

const char *fill_blank(const void *arg, const char *blank, size_t len, char room[BLANK_ROOM])
{
	const struct call *call = arg;
	const struct object *ioas;

	if (is(blank, len, PROGRAM))
		return needs_context(call, blank + len) ? call->output->program : NULL;
	for (int i = 0; i < call->n_args && call->verb->args[i].name; i++)
		if (is(blank, len, call->verb->args[i].name))
			return call->args[i];
	if (is(blank, len, "DEV"))
		return name_device(call, room);
	ioas = is(blank, len, "IOAS") ? find_ioas(call) : NULL;
	return ioas ? object_called(ioas, room) : NULL;
}
