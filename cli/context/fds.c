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

void context_each_fd(const struct context *ctx, each_fd_fn *fn, void *arg)
{
	char name[FDNAME_LENGTH];
	size_t cursor = 0;

	for (const struct object *object; (object = object_next(ctx, &cursor));) {
		if (object_fd(object) < 0)
			continue;
		object_fdname(object, name);
		fn(arg, object, name, object_fd(object));
	}
}
