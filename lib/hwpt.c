/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Page tables, and the IOMMUs that walk them. */
#include "internal.h"
#include "uapi/iommufd.h"

static_assert(IOMMUFD_HWPT_NEST_PARENT == UAPI_IOMMU_HWPT_ALLOC_NEST_PARENT, "ABI");
static_assert(IOMMUFD_HWPT_DIRTY_TRACKING == UAPI_IOMMU_HWPT_ALLOC_DIRTY_TRACKING, "ABI");
static_assert(IOMMUFD_HWPT_FAULTS == UAPI_IOMMU_HWPT_FAULT_ID_VALID, "ABI");
static_assert(IOMMUFD_HWPT_PASID == UAPI_IOMMU_HWPT_ALLOC_PASID, "ABI");
static_assert(IOMMUFD_DIRTY_NO_CLEAR == UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR, "ABI");

/* As much as is used, so that an older kernel has nothing to refuse. */
static uint32_t hwpt_alloc_size(const struct iommufd_hwpt_config *config)
{
	if (config->flags & IOMMUFD_HWPT_FAULTS || config->fault)
		return sizeof(struct uapi_iommu_hwpt_alloc);
	if (config->data_type || config->data_length || config->data)
		return offsetof(struct uapi_iommu_hwpt_alloc, fault_id);
	return offsetof(struct uapi_iommu_hwpt_alloc, data_type);
}

API int iommufd_hwpt_alloc(int fd, const struct iommufd_hwpt_config *config, uint32_t *ret_id)
{
	struct uapi_iommu_hwpt_alloc arg = {
		.size = hwpt_alloc_size(config),
		.flags = config->flags,
		.dev_id = config->device,
		.pt_id = config->parent,
		.data_type = config->data_type,
		.data_len = config->data_length,
		.data_uptr = (uintptr_t)config->data,
		.fault_id = config->fault,
	};

	return ioctl_u32(IOMMUFD_OP_HWPT_ALLOC, fd, &arg, &arg.out_hwpt_id, ret_id);
}

API int iommufd_hwpt_set_dirty(int fd, uint32_t hwpt, int enable)
{
	struct uapi_iommu_hwpt_set_dirty_tracking arg = {
		.size = sizeof(arg),
		.flags = enable ? UAPI_IOMMU_HWPT_DIRTY_TRACKING_ENABLE : 0,
		.hwpt_id = hwpt,
	};

	return do_ioctl(IOMMUFD_OP_HWPT_SET_DIRTY, fd, &arg);
}

API int iommufd_hwpt_dirty_bitmap(int fd, uint32_t hwpt, unsigned int flags, uint64_t iova, uint64_t length,
				  uint64_t page_size, uint64_t *bitmap)
{
	struct uapi_iommu_hwpt_get_dirty_bitmap arg = {
		.size = sizeof(arg),
		.hwpt_id = hwpt,
		.flags = flags,
		.iova = iova,
		.length = length,
		.page_size = page_size,
		.data = (uintptr_t)bitmap,
	};

	return do_ioctl(IOMMUFD_OP_HWPT_DIRTY_BITMAP, fd, &arg);
}

API int iommufd_hwpt_invalidate(int fd, uint32_t id, uint32_t data_type, const void *entries,
				uint32_t entry_length, uint32_t *n)
{
	struct uapi_iommu_hwpt_invalidate arg = {
		.size = sizeof(arg),
		.hwpt_id = id,
		.data_uptr = (uintptr_t)entries,
		.data_type = data_type,
		.entry_len = entry_length,
		.entry_num = *n,
	};
	int rc = do_ioctl(IOMMUFD_OP_HWPT_INVALIDATE, fd, &arg);

	/* A failure with all of them handled is one of a kernel or driver that did not come to look. */
	if (arg.entry_num < *n)
		*n = arg.entry_num;
	else if (rc < 0)
		*n = 0;
	return rc;
}

API int iommufd_hw_info(int fd, uint32_t device, uint32_t type, void *data, uint32_t size,
			struct iommufd_hw_info *ret)
{
	struct uapi_iommu_hw_info arg = {
		.size = sizeof(arg),
		.flags = type ? UAPI_IOMMU_HW_INFO_FLAG_INPUT_TYPE : 0,
		.dev_id = device,
		.data_len = size,
		.data_uptr = (uintptr_t)data,
		.out_data_type = type,
	};
	int rc = do_ioctl(IOMMUFD_OP_HW_INFO, fd, &arg);

	if (rc == 0)
		*ret = (struct iommufd_hw_info){ arg.out_data_type, arg.data_len, arg.out_capabilities,
						 arg.out_max_pasid_log2 };
	return rc;
}
