/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "viommu.h"

#include <errno.h>

enum { TYPE_DEFAULT = 0, TYPE_SMMUV3 = 1 };

static void viommu_destroy(struct object *object)
{
	struct viommu *viommu = (struct viommu *)object;

	viommu->parent->object.users--;
}

bool viommu_nests(const struct viommu *viommu)
{
	return viommu->iommu->viommu_type == TYPE_SMMUV3;
}

int viommu_alloc_ioctl(struct call *call)
{
	struct uapi_iommu_viommu_alloc *arg = &call->viommu_alloc;
	const struct sim_iommu_description *iommu;
	const struct idev *idev;
	struct viommu *viommu;
	struct hwpt *parent;
	int rc;

	if (arg->flags || arg->type == TYPE_DEFAULT)
		return -EOPNOTSUPP;
	idev = object_find(call->context, arg->dev_id, OBJECT_DEVICE);
	if (!idev)
		return -ENOENT;
	iommu = idev->device->description->iommu;
	if (arg->type != iommu->viommu_type)
		return -EOPNOTSUPP;
	parent = object_find(call->context, arg->hwpt_id, OBJECT_HWPT_PAGING);
	if (!parent)
		return -ENOENT;
	if (!parent->nest_parent)
		return -EINVAL;
	viommu = object_new(call->context, OBJECT_VIOMMU, sizeof(*viommu), viommu_destroy);
	if (!viommu)
		return -ENOMEM;
	parent->object.users++;
	viommu->parent = parent;
	viommu->iommu = iommu;
	TAILQ_INIT(&viommu->vdevices);
	TAILQ_INIT(&viommu->queues);
	arg->out_viommu_id = viommu->object.id;
	rc = respond(call, viommu_alloc);
	if (rc)
		object_free(&viommu->object);
	return rc;
}
