/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "look.h"

#include "access.h"
#include "areas.h"
#include "attach.h"

struct look {
	void (*see)(const struct sim_held *held, void *data);
	void *data;
};

static void look_at_mappings(const struct look *look, const struct ioas *ioas)
{
	const struct area *area;

	for (uint64_t from = 0; (area = area_find(ioas, from, UINT64_MAX)); from = area->node.last + 1) {
		struct sim_held held = {
			.kind = SIM_HELD_MAPPING,
			.id = ioas->object.id,
			.iova = area->node.start,
			.length = area->node.last - area->node.start + 1,
			.offset = area->pages->base + area->offset,
			.backing = area->pages->backing,
		};

		look->see(&held, look->data);
		if (area->node.last == UINT64_MAX)
			break;
	}
}

static const char *address_of_access(const struct access *access)
{
	const struct sim_device *device;

	TAILQ_FOREACH(device, &access->object.context->sim->devices, next)
		if (device->access == access)
			return device->description->address;
	return NULL;
}

static void describe_access(const struct access *access, struct sim_held *held)
{
	held->kind = SIM_HELD_DEVICE;
	held->on = access->ioas ? access->ioas->object.id : 0;
	held->address = address_of_access(access);
}

static void describe_device(const struct idev *idev, struct sim_held *held)
{
	const struct hwpt *hwpt = idev_is_attached(idev) ? device_hwpt(idev->device, NO_PASID) : NULL;

	held->kind = SIM_HELD_DEVICE;
	held->on = hwpt ? hwpt->object.id : 0;
	held->address = idev->device->description->address;
}

static void look_at(const struct look *look, const struct object *object)
{
	struct sim_held held = { .kind = SIM_HELD_OTHER, .id = object->id };

	switch (object->type) {
	case OBJECT_IOAS:
		held.kind = SIM_HELD_IOAS;
		break;
	case OBJECT_HWPT_PAGING:
		held.kind = SIM_HELD_HWPT;
		held.on = ((const struct hwpt *)object)->ioas->object.id;
		break;
	case OBJECT_DEVICE:
		describe_device((const struct idev *)object, &held);
		break;
	case OBJECT_ACCESS:
		describe_access((const struct access *)object, &held);
		break;
	default:
		break;
	}
	look->see(&held, look->data);
	if (held.kind == SIM_HELD_IOAS)
		look_at_mappings(look, (const struct ioas *)object);
}

void sim_context_look(const struct sim_context *context, void (*see)(const struct sim_held *held, void *data),
		      void *data)
{
	const struct look look = { see, data };
	struct sim *sim = context->sim;

	lock(&sim->ioctls);
	lock(&sim->iova);
	for (uint32_t id = 1; id <= context->n_objects; id++) {
		const struct object *object = object_find(context, id, OBJECT_ANY);

		if (object)
			look_at(&look, object);
	}
	unlock(&sim->iova);
	unlock(&sim->ioctls);
}
