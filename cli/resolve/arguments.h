/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The objects that words stand for by the types of their rows: found where the context is, before a verb
 * runs.
 */
#ifndef CLI_RESOLVE_ARGUMENTS_H
#define CLI_RESOLVE_ARGUMENTS_H

#include "context/device.h"
#include "context/memory.h"
#include "engine/value.h"

/* Of enum object_type, as a mask: what ARG_ID may be. */
#define TYPE(type) (1U << OBJECT_##type)

#define DEVICE_ARGUMENT { "DEV", ARG_DEVICE }
#define IOAS_ARGUMENT { "IOAS", ARG_ID, .types = TYPE(IOAS) }
#define PT_ARGUMENT { "PT", ARG_ID, .types = TYPE(IOAS) | TYPE(HWPT) }

/*
 * Find the devices, memory and ids of all arguments and options, check new names, and open the iommufd where
 * the verb needs it. Returns an exit code, with its message.
 */
int arguments_resolve(struct call *call);

/* Of argument i, which is ARG_DEVICE, or ARG_MEMORY. */
static inline struct device *arg_device(const struct call *call, int i)
{
	return (struct device *)call->objects[i];
}

static inline struct memory *arg_memory(const struct call *call, int i)
{
	return (struct memory *)call->objects[i];
}

/* The kind of the device that the command names, for explanations. */
enum iommufd_device_kind call_device_kind(const struct call *call);

#endif
