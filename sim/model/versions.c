/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "versions.h"

#include <string.h>

#include "model.h"
#include "uapi/iommufd.h"

static const struct version versions[] = {
	{
		.name = "6.6",
		.last_ioctl = 0x8a,
		.hwpt_alloc_len = 24,
		.hw_info_len = 32,
		.vtd_reads_all = true,
	},
	{
		.name = "6.12",
		.last_ioctl = 0x8e,
		.hwpt_alloc_len = 48,
		.hw_info_len = 40,
		.hwpt_flags = UAPI_IOMMU_HWPT_ALLOC_NEST_PARENT | UAPI_IOMMU_HWPT_ALLOC_DIRTY_TRACKING |
			      UAPI_IOMMU_HWPT_FAULT_ID_VALID,
		.hw_info_capabilities = 7,
		.vtd_reads_all = true,
	},
	{
		.name = "7.2",
		.last_ioctl = 0x94,
		.hwpt_alloc_len = 48,
		.hw_info_len = 40,
		.hwpt_flags = UAPI_IOMMU_HWPT_ALLOC_NEST_PARENT | UAPI_IOMMU_HWPT_ALLOC_DIRTY_TRACKING |
			      UAPI_IOMMU_HWPT_FAULT_ID_VALID | UAPI_IOMMU_HWPT_ALLOC_PASID,
		.paging_faults = true,
		.hw_info_type = true,
		.hw_info_capabilities = 15,
		.invalidate_any = true,
		.overflow_first = true,
		.dirty_errors = true,
		.bind_token = true,
		.pasid = true,
		.keeps_dead_vdevices = true,
		.dma_buf = true,
		.precopy_info_v2 = true,
	},
};

enum { N_VERSIONS = sizeof(versions) / sizeof(versions[0]) };

const char *sim_kernel_name(size_t at)
{
	return at < N_VERSIONS ? versions[at].name : NULL;
}

const struct version *version_find(const char *name)
{
	for (size_t i = 0; i < N_VERSIONS; i++)
		if (strcmp(versions[i].name, name) == 0)
			return &versions[i];
	return NULL;
}
