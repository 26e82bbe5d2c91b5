/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw-info.h"

#include <errno.h>

#include "device.h"

enum { DEFAULT_TYPE = 0 };

/* What there is room for; the rest of the caller's buffer is cleared. */
static int write_info(struct sim_caller *caller, const struct sim_iommu_description *iommu, uint64_t to,
		      uint32_t room)
{
	static const char zeros[256];
	uint32_t len = iommu->hw_info_len < room ? iommu->hw_info_len : room;
	int rc = caller_write(caller, to, iommu->hw_info, len);

	for (uint32_t here; !rc && len < room; len += here) {
		here = room - len < sizeof(zeros) ? room - len : sizeof(zeros);
		rc = caller_write(caller, to + len, zeros, here);
	}
	return rc;
}

int hw_info_ioctl(struct call *call)
{
	const struct version *version = call->context->sim->version;
	struct uapi_iommu_hw_info *info = &call->hw_info;
	const struct sim_iommu_description *iommu;
	const struct idev *idev;
	int rc;

	if (info->flags & ~(version->hw_info_type ? UAPI_IOMMU_HW_INFO_FLAG_INPUT_TYPE : 0))
		return -EOPNOTSUPP;
	if (info->reserved[0] || info->reserved[1] || info->reserved[2])
		return -EOPNOTSUPP;
	idev = object_find(call->context, info->dev_id, OBJECT_DEVICE);
	if (!idev)
		return -ENOENT;
	iommu = idev->device->description->iommu;
	if (info->flags && info->out_data_type != DEFAULT_TYPE && info->out_data_type != iommu->hw_info_type)
		return -EOPNOTSUPP;
	rc = write_info(call->caller, iommu, info->data_uptr, info->data_len);
	if (rc)
		return rc;
	info->data_len = iommu->hw_info_len;
	info->out_data_type = iommu->hw_info_type;
	info->out_capabilities = iommu->capabilities & version->hw_info_capabilities;
	info->out_max_pasid_log2 = idev->device->description->pasid_bits;
	return call_respond(call, info, version->hw_info_len);
}
