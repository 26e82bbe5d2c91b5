/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "context/fds.h"
#include <stdio.h>

#include "context/derived.h"
#include "context/device.h"
#include "context/memory.h"

int object_fd(const struct object *object)
{
	switch (object->type) {
	case OBJECT_DEVICE:
		return ((const struct device *)object)->fd;
	case OBJECT_MEMORY:
		return ((const struct memory *)object)->fd;
	case OBJECT_IOAS:
		return -1;
	default:
		return ((const struct derived *)object)->fd;
	}
}

void object_fdname(const struct object *object, char *name)
{
	if (object->type == OBJECT_DEVICE)
		snprintf(name, FDNAME_LENGTH, "dev-%s", ((const struct device *)object)->info.name);
	else if (object->type == OBJECT_MEMORY)
		snprintf(name, FDNAME_LENGTH, "mem-%u", ((const struct memory *)object)->serial);
	else
		snprintf(name, FDNAME_LENGTH, "obj-%u", object->id);
}

static void tell_fd(const struct object *object, each_fd_fn *fn, void *arg)
{
	char name[FDNAME_LENGTH];

	if (object_fd(object) < 0)
		return;
	object_fdname(object, name);
	fn(arg, name, object_fd(object));
}

void context_each_fd(const struct context *ctx, each_fd_fn *fn, void *arg)
{
	for (size_t i = 0; i < ctx->devices.count; i++)
		tell_fd(ctx->devices.items[i], fn, arg);
	for (size_t i = 0; i < ctx->memories.count; i++)
		tell_fd(ctx->memories.items[i], fn, arg);
	for (size_t id = 0; id < ctx->ids.count; id++)
		if (derived_by_id(ctx, (uint32_t)id))
			tell_fd(ctx->ids.items[id], fn, arg);
}
