/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Virtual IOMMUs: what a guest is given of the real one. */
#include "internal.h"
#include "uapi/iommufd.h"

API int iommufd_viommu_alloc(int fd, uint32_t device, uint32_t hwpt, uint32_t type, void *data,
			     uint32_t length, uint32_t *ret_id)
{
	struct uapi_iommu_viommu_alloc arg = {
		.size = data || length ? sizeof(arg) : offsetof(struct uapi_iommu_viommu_alloc, data_len),
		.type = type,
		.dev_id = device,
		.hwpt_id = hwpt,
		.data_len = length,
		.data_uptr = (uintptr_t)data,
	};

	return ioctl_u32(IOMMUFD_OP_VIOMMU_ALLOC, fd, &arg, &arg.out_viommu_id, ret_id);
}

API int iommufd_vdevice_alloc(int fd, uint32_t viommu, uint32_t device, uint64_t virt_id, uint32_t *ret_id)
{
	struct uapi_iommu_vdevice_alloc arg = {
		.size = sizeof(arg), .viommu_id = viommu, .dev_id = device, .virt_id = virt_id,
	};

	return ioctl_u32(IOMMUFD_OP_VDEVICE_ALLOC, fd, &arg, &arg.out_vdevice_id, ret_id);
}

API int iommufd_hw_queue_alloc(int fd, uint32_t viommu, uint32_t type, uint32_t index, uint64_t iova,
			       uint64_t length, uint32_t *ret_id)
{
	struct uapi_iommu_hw_queue_alloc arg = {
		.size = sizeof(arg),
		.viommu_id = viommu,
		.type = type,
		.index = index,
		.nesting_parent_iova = iova,
		.length = length,
	};

	return ioctl_u32(IOMMUFD_OP_HW_QUEUE_ALLOC, fd, &arg, &arg.out_hw_queue_id, ret_id);
}
