/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/arguments.h"
#include "resolve/device.h"
#include "resolve/iommufd.h"
#include "resolve/memory.h"
#include "resolve/object.h"

static int resolve_argument(const struct call *call, const struct argument *arg, int i)
{
	switch (arg->type) {
	case ARG_DEVICE:
		return need_device(call, call_arg(call, i), !(arg->flags & ARG_NO_HINT), &call->objects[i]);
	case ARG_DEVICE_ID:
		return need_device_id(call, call_arg(call, i), &call->values[i], &call->objects[i]);
	case ARG_MEMORY:
		return need_memory(call, call_arg(call, i), &call->objects[i]);
	case ARG_ID:
		return arg->types ? need_id(call, call->args[i], arg->types, &call->values[i]) : EXIT_DONE;
	case ARG_NAME:
		return check_new_name(call, call->args[i]);
	default:
		return EXIT_DONE;
	}
}

static int resolve_option(const struct call *call, struct given *given)
{
	const struct argument *value = &given->option->value;

	if (value->type == ARG_NAME)
		return check_new_name(call, given->value);
	return value->type == ARG_ID ? need_id(call, given->value, value->types, &given->number) : EXIT_DONE;
}

int arguments_resolve(struct call *call)
{
	int rc = EXIT_DONE;

	for (int i = 0; i < call->n_args && call->verb->args[i].name && !rc; i++)
		rc = resolve_argument(call, &call->verb->args[i], i);
	for (int i = 0; i < call->n_given && !rc; i++)
		rc = resolve_option(call, &call->given[i]);
	return rc ?: (call->verb->needs & NEEDS_IOMMUFD) == NEEDS_IOMMUFD ? need_iommufd(call) : EXIT_DONE;
}

enum iommufd_device_kind call_device_kind(const struct call *call)
{
	for (int i = 0; i < MAX_ARGUMENTS; i++)
		if (call->objects[i] && call->objects[i]->type == OBJECT_DEVICE)
			return arg_device(call, i)->info.kind;
	return IOMMUFD_KIND_UNKNOWN;
}
