/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One ioctl on an iommufd: its struct, as far as this kernel knows it, and where the answer goes. */
#ifndef IOMMUFD_SIM_CALL_H
#define IOMMUFD_SIM_CALL_H

#include "object.h"
#include "uapi/iommufd.h"

struct call {
	struct sim_context *context;
	struct sim_caller *caller;
	uint64_t address;  /* of the caller's struct */
	uint32_t user_len; /* of it */
	union {
		uint32_t size;
		struct uapi_iommu_destroy destroy;
		struct uapi_iommu_ioas_alloc ioas_alloc;
		struct uapi_iommu_ioas_iova_ranges iova_ranges;
		struct uapi_iommu_ioas_allow_iovas allow_iovas;
		struct uapi_iommu_ioas_map map;
		struct uapi_iommu_ioas_map_file map_file;
		struct uapi_iommu_ioas_copy copy;
		struct uapi_iommu_ioas_unmap unmap;
		struct uapi_iommu_option option;
		struct uapi_iommu_vfio_ioas vfio_ioas;
		struct uapi_iommu_ioas_change_process change_process;
		struct uapi_iommu_hwpt_alloc hwpt_alloc;
		struct uapi_iommu_hw_info hw_info;
		struct uapi_iommu_hwpt_set_dirty_tracking set_dirty;
		struct uapi_iommu_hwpt_get_dirty_bitmap get_dirty;
		struct uapi_iommu_hwpt_invalidate invalidate;
		struct uapi_iommu_fault_alloc fault_alloc;
		struct uapi_iommu_viommu_alloc viommu_alloc;
		struct uapi_iommu_vdevice_alloc vdevice_alloc;
		struct uapi_iommu_veventq_alloc veventq_alloc;
		struct uapi_iommu_hw_queue_alloc hw_queue_alloc;
	};
};

/* What the caller gave: 0 or -EFAULT, as all of these. */
int caller_read(struct sim_caller *caller, uint64_t address, void *to, size_t len);
int caller_write(struct sim_caller *caller, uint64_t address, const void *from, size_t len);
/*
 * A struct that grows from kernel to kernel: user_len bytes of the caller's, of which len are known here.
 * -E2BIG where what is not known is not zero.
 */
int caller_read_struct(struct sim_caller *caller, uint64_t address, uint32_t user_len, void *to, size_t len);
/* The answer, no longer than the caller's struct: the first len bytes of ours. */
int call_respond(const struct call *call, const void *from, size_t len);

#define respond(call, member) call_respond(call, &(call)->member, sizeof((call)->member))

#endif
