/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "uapi/vfio.h"
#include "vdevice.h"

/* --- of a machine ------------------------------------------------------------------------------------ */

static struct group *group_of(struct sim *sim, uint32_t number)
{
	struct group *group;

	SLIST_FOREACH(group, &sim->groups, next)
		if (group->number == number)
			return group;
	group = calloc(1, sizeof(*group));
	if (!group)
		return NULL;
	group->number = number;
	SLIST_INSERT_HEAD(&sim->groups, group, next);
	return group;
}

struct sim_device *sim_device_find(const struct sim *sim, const char *address)
{
	struct sim_device *device;

	TAILQ_FOREACH(device, &sim->devices, next)
		if (strcmp(device->description->address, address) == 0)
			return device;
	return NULL;
}

struct sim_device *sim_device_add(struct sim *sim, const struct sim_device_description *description)
{
	struct sim_device *device;

	if (sim_device_find(sim, description->address)) {
		errno = EEXIST;
		return NULL;
	}
	device = calloc(1, sizeof(*device));
	if (!device)
		return NULL;
	device->sim = sim;
	device->description = description;
	device->driver = description->driver;
	device->migration_state = UAPI_VFIO_DEVICE_STATE_RUNNING;
	TAILQ_INIT(&device->dma_bufs);
	if (description->kind == SIM_PHYSICAL && description->iommu) {
		device->group = group_of(sim, description->group);
		if (!device->group) {
			free(device);
			return NULL;
		}
	}
	TAILQ_INSERT_TAIL(&sim->devices, device, next);
	return device;
}

int sim_device_set_driver(struct sim_device *device, enum sim_driver driver)
{
	struct sim *sim = device->sim;
	int rc = 0;

	lock(&sim->ioctls);
	if (device->n_open || (driver == SIM_DRIVER_OTHER && device->group && device->group->owner))
		rc = -EBUSY;
	else
		device->driver = driver;
	unlock(&sim->ioctls);
	return rc;
}

/* --- of a context ------------------------------------------------------------------------------------ */

bool context_has_group(const struct sim_context *context, const struct group *group)
{
	return context && group && group->owner == context;
}

/* A driver that does DMA owns its group as much as a context does. */
static bool has_other_driver(const struct sim_device *device)
{
	const struct sim_device *other;

	TAILQ_FOREACH(other, &device->sim->devices, next)
		if (other->group == device->group && other->driver == SIM_DRIVER_OTHER)
			return true;
	return false;
}

static int claim_group(struct sim_device *device, struct sim_context *context)
{
	struct group *group = device->group;

	if ((group->owner && group->owner != context) || has_other_driver(device))
		return -EPERM;
	group->owner = context;
	group->n_bound++;
	return 0;
}

static void release_group(struct group *group)
{
	if (--group->n_bound == 0)
		group->owner = NULL;
}

static void idev_destroy(struct object *object)
{
	struct idev *idev = (struct idev *)object;

	release_group(idev->device->group);
	context_put(object->context);
}

/* Page requests and events of the device look for it. */
static void set_idev(struct sim_device *device, struct idev *idev)
{
	lock(&device->sim->iova);
	device->idev = idev;
	unlock(&device->sim->iova);
}

/* What is wrong is found in this order. */
int device_bind(struct sim_device *device, struct sim_context *context)
{
	const struct sim_iommu_description *iommu = device->description->iommu;
	struct idev *idev;
	int rc;

	if (!iommu || !iommu->coherent)
		return -EINVAL;
	if (!iommu->interrupts_isolated && !device->sim->allow_unsafe_interrupts)
		return -EPERM;
	rc = claim_group(device, context);
	if (rc)
		return rc;
	idev = object_new(context, OBJECT_DEVICE, sizeof(*idev), idev_destroy);
	if (!idev) {
		release_group(device->group);
		return -ENOMEM;
	}
	idev->device = device;
	idev->object.users++; /* the device, until device_unbind() */
	set_idev(device, idev);
	context_get(context);
	return 0;
}

void device_unbind(struct sim_device *device)
{
	struct idev *idev = device->idev;

	vdevice_remove(idev);
	set_idev(device, NULL);
	object_end(&idev->object, false);
}
