/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nested.h"

#include <errno.h>

#include "viommu.h"

/* HWPT_ALLOC's data_type of each kind of IOMMU, and how long it is. */
enum { DATA_VTD_S1 = 1, DATA_SMMUV3 = 2 };

struct vtd_s1 {
	uint64_t flags;
	uint64_t pgtbl_addr;
	uint32_t addr_width;
	uint32_t reserved;
};
static_assert(sizeof(struct vtd_s1) == 24, "ABI");

/* The first two words of a guest's stream table entry. */
struct smmuv3 {
	uint64_t ste[2];
};

/* Whether the parent was made for it is asked before whether this IOMMU can do it at all. */
static int check_below_hwpt(const struct hwpt *parent, const struct idev *idev)
{
	const struct sim_iommu_description *iommu = idev->device->description->iommu;

	if (iommu->hw_info_type != DATA_VTD_S1)
		return -EOPNOTSUPP;
	if (parent->automatic || !parent->nest_parent || parent->iommu->hw_info_type != iommu->hw_info_type)
		return -EINVAL;
	return iommu->nests ? 0 : -EOPNOTSUPP;
}

int nested_check(const struct call *call, struct object *pt, const struct idev *idev)
{
	const struct sim_context *context = call->context;
	uint32_t valid = context->sim->version->hwpt_flags &
			 (UAPI_IOMMU_HWPT_FAULT_ID_VALID | UAPI_IOMMU_HWPT_ALLOC_PASID);

	if (call->hwpt_alloc.flags & ~valid || !call->hwpt_alloc.data_len)
		return -EOPNOTSUPP;
	if (pt->type == OBJECT_HWPT_PAGING)
		return check_below_hwpt((const struct hwpt *)pt, idev);
	return viommu_nests((const struct viommu *)pt) ? 0 : -EOPNOTSUPP;
}

/* -EOPNOTSUPP for data of another kind of IOMMU. */
static int read_data(const struct call *call, uint32_t type, void *to, uint32_t len)
{
	const struct uapi_iommu_hwpt_alloc *arg = &call->hwpt_alloc;

	if (arg->data_type != type)
		return -EOPNOTSUPP;
	if (arg->data_len < len)
		return -EINVAL;
	return caller_read_struct(call->caller, arg->data_uptr, arg->data_len, to, len);
}

int nested_enter(const struct call *call, struct hwpt *hwpt, struct object *pt)
{
	struct smmuv3 smmuv3;
	struct vtd_s1 vtd;
	int rc;

	if (pt->type == OBJECT_VIOMMU) {
		hwpt->viommu = (struct viommu *)pt;
		hwpt->parent = hwpt->viommu->parent;
		pt->users++;
		return read_data(call, DATA_SMMUV3, &smmuv3, sizeof(smmuv3));
	}
	hwpt->parent = (struct hwpt *)pt;
	pt->users++;
	rc = read_data(call, DATA_VTD_S1, &vtd, sizeof(vtd));
	hwpt->table = rc ? 0 : vtd.pgtbl_addr;
	return rc;
}

void nested_leave(struct hwpt *hwpt)
{
	hwpt->viommu->object.users--;
}
