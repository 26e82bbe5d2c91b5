/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vdevice.h"

#include <errno.h>

static void vdevice_destroy(struct object *object)
{
	struct vdevice *vdevice = (struct vdevice *)object;
	struct sim *sim = object->context->sim;

	lock(&sim->iova); /* for sim_iommu_event() */
	TAILQ_REMOVE(&vdevice->viommu->vdevices, vdevice, next);
	vdevice->idev->vdevice = NULL;
	unlock(&sim->iova);
	vdevice->viommu->object.users--;
}

static bool is_taken(const struct viommu *viommu, uint64_t virt_id)
{
	const struct vdevice *vdevice;

	TAILQ_FOREACH(vdevice, &viommu->vdevices, next)
		if (vdevice->virt_id == virt_id)
			return true;
	return false;
}

int vdevice_alloc_ioctl(struct call *call)
{
	struct uapi_iommu_vdevice_alloc *arg = &call->vdevice_alloc;
	struct viommu *viommu = object_find(call->context, arg->viommu_id, OBJECT_VIOMMU);
	struct idev *idev = object_find(call->context, arg->dev_id, OBJECT_DEVICE);
	struct vdevice *vdevice;
	int rc;

	if (!viommu || !idev)
		return -ENOENT;
	if (viommu->iommu != idev->device->description->iommu)
		return -EINVAL;
	if (idev->vdevice || is_taken(viommu, arg->virt_id))
		return -EEXIST;
	vdevice = object_new(call->context, OBJECT_VDEVICE, sizeof(*vdevice), vdevice_destroy);
	if (!vdevice)
		return -ENOMEM;
	vdevice->viommu = viommu;
	vdevice->idev = idev;
	vdevice->virt_id = arg->virt_id;
	viommu->object.users++;
	lock(&call->context->sim->iova);
	idev->vdevice = vdevice;
	TAILQ_INSERT_TAIL(&viommu->vdevices, vdevice, next);
	unlock(&call->context->sim->iova);
	arg->out_vdevice_id = vdevice->object.id;
	rc = respond(call, vdevice_alloc);
	if (rc)
		object_free(&vdevice->object);
	return rc;
}

void vdevice_remove(struct idev *idev)
{
	if (idev->vdevice)
		object_end(&idev->vdevice->object, idev->object.context->sim->version->keeps_dead_vdevices);
}
