/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hwpt.h"

#include <errno.h>
#include <string.h>

#include "areas.h"
#include "attach.h"
#include "dirty.h"
#include "fault.h"
#include "hw-info.h"
#include "iova.h"
#include "nested.h"

struct hwpt *hwpt_paging(struct hwpt *hwpt)
{
	return hwpt->parent ? hwpt->parent : hwpt;
}

/* --- as part of an IOAS ------------------------------------------------------------------------------ */

static int reserve_beyond(struct ioas *ioas, const struct hwpt *hwpt)
{
	struct sim_range aperture = hwpt->iommu->aperture;
	int rc = 0;

	if (hwpt->nest_parent && hwpt->iommu->parent_aperture.last)
		aperture = hwpt->iommu->parent_aperture;
	if (aperture.start)
		rc = iova_reserve(ioas, 0, aperture.start - 1, hwpt);
	if (!rc && aperture.last != UINT64_MAX)
		rc = iova_reserve(ioas, aperture.last + 1, UINT64_MAX, hwpt);
	return rc;
}

/* What is mapped has to suit it, and goes into it: -EINVAL, -EADDRINUSE, and what pinning says. */
static int enter_ioas(struct hwpt *hwpt)
{
	struct ioas *ioas = hwpt->ioas;
	uint64_t alignment = ioas->alignment;
	int rc = 0;

	if (hwpt_page_size(hwpt) > alignment)
		alignment = hwpt_page_size(hwpt);
	if (alignment > PAGE)
		return -EINVAL;
	if (alignment != ioas->alignment)
		rc = iova_check_alignment(ioas, alignment);
	if (!rc)
		rc = reserve_beyond(ioas, hwpt);
	if (!rc && !areas_are_filled(ioas))
		rc = areas_fill(ioas);
	if (rc) {
		ranges_remove(&ioas->reserved, hwpt);
		return rc;
	}
	ioas->alignment = alignment;
	TAILQ_INSERT_TAIL(&ioas->hwpts, hwpt, next);
	hwpt->listed = true;
	return 0;
}

static void leave_ioas(struct hwpt *hwpt)
{
	struct ioas *ioas = hwpt->ioas;

	TAILQ_REMOVE(&ioas->hwpts, hwpt, next);
	if (!areas_are_filled(ioas))
		areas_unfill(ioas);
	ranges_remove(&ioas->reserved, hwpt);
	iova_update_alignment(ioas);
}

/* --- the object -------------------------------------------------------------------------------------- */

static void hwpt_destroy(struct object *object)
{
	struct hwpt *hwpt = (struct hwpt *)object;
	struct sim *sim = object->context->sim;

	lock(&sim->iova);
	if (hwpt->listed)
		leave_ioas(hwpt);
	dirty_clear(hwpt);
	unlock(&sim->iova);
	if (hwpt->fault)
		fault_put(hwpt->fault);
	if (hwpt->ioas)
		hwpt->ioas->object.users--;
	if (hwpt->viommu)
		nested_leave(hwpt);
	else if (hwpt->parent)
		hwpt->parent->object.users--;
}

void hwpt_put(struct hwpt *hwpt)
{
	hwpt->object.users--;
	if (hwpt->automatic && !hwpt->object.users)
		object_free(&hwpt->object);
}

/* What a driver and the kernel say to flags: -EOPNOTSUPP. */
static int check_flags(const struct sim_iommu_description *iommu, const struct version *version,
		       uint32_t flags)
{
	uint32_t valid = version->hwpt_flags;

	if (!version->paging_faults)
		valid &= ~UAPI_IOMMU_HWPT_FAULT_ID_VALID;
	if (flags & ~valid)
		return -EOPNOTSUPP;
	if (flags & UAPI_IOMMU_HWPT_ALLOC_DIRTY_TRACKING && !(iommu->capabilities & CAP_DIRTY_TRACKING))
		return -EOPNOTSUPP;
	if (flags & UAPI_IOMMU_HWPT_ALLOC_NEST_PARENT &&
	    (!iommu->nests || flags & UAPI_IOMMU_HWPT_FAULT_ID_VALID))
		return -EOPNOTSUPP;
	return 0;
}

int hwpt_paging_alloc(struct ioas *ioas, struct idev *idev, uint32_t flags, bool attach, uint32_t pasid,
		      struct hwpt **to)
{
	const struct sim_iommu_description *iommu = idev->device->description->iommu;
	struct sim_context *context = ioas->object.context;
	struct hwpt *hwpt;
	int rc = check_flags(iommu, context->sim->version, flags);

	if (rc)
		return rc;
	hwpt = object_new(context, OBJECT_HWPT_PAGING, sizeof(*hwpt), hwpt_destroy);
	if (!hwpt)
		return -ENOMEM;
	ioas->object.users++;
	hwpt->ioas = ioas;
	hwpt->iommu = iommu;
	hwpt->nest_parent = flags & UAPI_IOMMU_HWPT_ALLOC_NEST_PARENT;
	hwpt->can_track = flags & UAPI_IOMMU_HWPT_ALLOC_DIRTY_TRACKING;
	hwpt->pasid = flags & UAPI_IOMMU_HWPT_ALLOC_PASID;
	if (attach)
		rc = hwpt_attach(hwpt, idev, pasid);
	if (!rc) {
		lock(&context->sim->iova);
		rc = enter_ioas(hwpt);
		unlock(&context->sim->iova);
		if (rc && attach)
			hwpt_put(hwpt_detach(idev, pasid));
	}
	if (rc)
		object_free(&hwpt->object);
	*to = hwpt;
	return rc;
}

static int nested_alloc(const struct call *call, struct object *pt, struct idev *idev, struct hwpt **to)
{
	struct hwpt *hwpt;
	int rc = nested_check(call, pt, idev);

	if (rc)
		return rc;
	hwpt = object_new(call->context, OBJECT_HWPT_NESTED, sizeof(*hwpt), hwpt_destroy);
	if (!hwpt)
		return -ENOMEM;
	hwpt->iommu = idev->device->description->iommu;
	hwpt->pasid = call->hwpt_alloc.flags & UAPI_IOMMU_HWPT_ALLOC_PASID;
	rc = nested_enter(call, hwpt, pt);
	if (rc)
		object_free(&hwpt->object);
	*to = hwpt;
	return rc;
}

static int alloc(const struct call *call, struct object *pt, struct idev *idev, struct hwpt **hwpt)
{
	switch (pt->type) {
	case OBJECT_IOAS:
		if (call->hwpt_alloc.data_len)
			return -EOPNOTSUPP;
		return hwpt_paging_alloc((struct ioas *)pt, idev, call->hwpt_alloc.flags, false, NO_PASID,
					 hwpt);
	case OBJECT_HWPT_PAGING:
	case OBJECT_VIOMMU:
		return nested_alloc(call, pt, idev, hwpt);
	default:
		return -EINVAL;
	}
}

int hwpt_alloc_ioctl(struct call *call)
{
	struct uapi_iommu_hwpt_alloc *arg = &call->hwpt_alloc;
	struct object *pt;
	struct idev *idev;
	struct hwpt *hwpt;
	int rc;

	if (arg->reserved || (!call->context->sim->version->hwpt_flags && arg->flags))
		return -EOPNOTSUPP;
	if (!arg->data_type != !arg->data_len)
		return -EINVAL;
	idev = object_find(call->context, arg->dev_id, OBJECT_DEVICE);
	if (!idev)
		return -ENOENT;
	pt = object_find(call->context, arg->pt_id, OBJECT_ANY);
	if (!pt)
		return -EINVAL;
	rc = alloc(call, pt, idev, &hwpt);
	if (rc)
		return rc;
	if (arg->flags & UAPI_IOMMU_HWPT_FAULT_ID_VALID)
		rc = fault_use(call->context, arg->fault_id, &hwpt->fault);
	arg->out_hwpt_id = hwpt->object.id;
	if (!rc)
		rc = respond(call, hwpt_alloc);
	if (rc)
		object_free(&hwpt->object);
	return rc;
}
