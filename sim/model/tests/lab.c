/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab.h"

#include <errno.h>
#include <stddef.h>

enum { RW = SIM_REGION_READ | SIM_REGION_WRITE, RWM = RW | SIM_REGION_MMAP };
enum { RESET = 1, PCI = 2 }; /* of vfio_device_info */

static const unsigned char vtd_info[16 + 8] = {
	1, 0, 0, 0, 0, 0, 0, 0, 0x86, 0x06, 0x2f, 0x22, 0x8c, 0x00, 0xd2, 0x00,
	0x4a, 0x0f, 0xf0, 0x00, 0x00, 0x00, 0x00, 0x00,
};

const struct sim_iommu_description lab_vtd = {
	.name = "dmar0", .hw_info_type = 1, .hw_info = vtd_info, .hw_info_len = sizeof(vtd_info),
	.page_sizes = 0x40201000, .aperture = { 0, (1ull << 48) - 1 }, .coherent = true,
	.interrupts_isolated = true, .capabilities = 8, /* no ATS */
};

const struct sim_iommu_description lab_nesting_vtd = {
	.name = "dmar1", .hw_info_type = 1, .hw_info = vtd_info, .hw_info_len = sizeof(vtd_info),
	.page_sizes = 0x40201000, .aperture = { 0, (1ull << 47) - 1 }, .coherent = true,
	.interrupts_isolated = true, .capabilities = 1, .nests = true, .pasids = true, .page_requests = true,
};

const struct sim_iommu_description lab_smmu = {
	.name = "smmu3", .hw_info_type = 2, .hw_info = vtd_info, .hw_info_len = 8, .page_sizes = 0x40201000,
	.aperture = { 0, (1ull << 48) - 1 }, .coherent = true, .interrupts_isolated = true, .nests = true,
	.viommu_type = 1,
};

static const struct sim_region_description edu_regions[9] = {
	[0] = { RWM, 1 << 20 }, [7] = { RW, 256 }, [8] = { .absent = true },
};

static const struct sim_region_description testdev_regions[9] = {
	[0] = { RWM, 4096 }, [1] = { RW, 256 }, [7] = { RW, 256 }, [8] = { .absent = true },
};

static const struct sim_region_description mtty_regions[9] = {
	{ RW, 8 }, { RW, 0 }, { RW, 0 }, { RW, 0 }, { RW, 0 }, { RW, 0 }, { RW, 0 }, { RW, 255 }, { RW, 0 },
};

static const struct sim_region_description mdpy_regions[9] = {
	[0] = { RWM, 2 << 20, .has_offset = true, .offset = 4096 },
	[1] = { .has_offset = true }, [2] = { .has_offset = true }, [3] = { .has_offset = true },
	[4] = { .has_offset = true }, [5] = { .has_offset = true }, [6] = { .has_offset = true },
	[7] = { RW, 255, .has_offset = true }, [8] = { .has_offset = true },
};

static const struct sim_irq_description edu_irqs[5] = {
	{ 7, 1, 0 }, { 9, 1, 0 }, { 9, 0, 0 }, { 0, 0, EINVAL }, { 9, 1, 0 },
};

static const struct sim_irq_description testdev_irqs[5] = {
	{ 7, 0, 0 }, { 9, 0, 0 }, { 9, 0, 0 }, { 0, 0, EINVAL }, { 9, 1, 0 },
};

static const struct sim_irq_description mtty_irqs[5] = {
	{ 7, 1, 0 }, { 9, 1, 0 }, { 0, 0, EINVAL }, { 0, 0, EINVAL }, { 0, 0, EINVAL },
};

static const unsigned char mtty_header[24] = {
	0x4e, 0x2c, 0x3e, 0x8c, 0x89, 0x09, 0x9d, 0x7e, 1, 0, 0, 0, 0, 0, 0, 0, 1,
};

static int reset(void *data)
{
	(void)data;
	return 0;
}

static const struct sim_device_ops emulated_ops = { .reset = reset };

#define EDU(at, number, set) \
	{ .address = (at), .driver = SIM_DRIVER_VFIO, .iommu = &lab_vtd, .group = (number), \
	  .reset_set = (set), .msi = { 0xfee00000, 0xfeefffff }, .flags = PCI, \
	  .regions = edu_regions, .n_regions = 9, .irqs = edu_irqs, .n_irqs = 5, \
	  .dma_buf = true, .low_power = true }

const struct sim_device_description lab_devices[LAB_DEVICES] = {
	[LAB_TESTDEV] = { .address = "0000:00:03.0",
			  .driver = SIM_DRIVER_VFIO,
			  .iommu = &lab_vtd,
			  .group = 1,
			  .msi = { 0xfee00000, 0xfeefffff },
			  .flags = PCI,
			  .regions = testdev_regions,
			  .n_regions = 9,
			  .irqs = testdev_irqs,
			  .n_irqs = 5,
			  .dma_buf = true,
			  .low_power = true },
	[LAB_EDU] = EDU("0000:00:04.0", 2, 0),
	[LAB_EDU_0] = EDU("0000:02:00.0", 10, 1),
	[LAB_EDU_1] = EDU("0000:02:00.1", 10, 1),
	[LAB_MTTY] = { .address = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
		       .kind = SIM_EMULATED,
		       .ops = &emulated_ops,
		       .driver = SIM_DRIVER_VFIO,
		       .flags = PCI,
		       .regions = mtty_regions,
		       .n_regions = 9,
		       .irqs = mtty_irqs,
		       .n_irqs = 5,
		       .info_first = true,
		       .migration = 7,
		       .state_header = mtty_header,
		       .state_header_size = sizeof(mtty_header),
		       .state_size = 36,
		       .dma_logging = true },
	[LAB_MDPY] = { .address = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002",
		       .kind = SIM_EMULATED,
		       .ops = &emulated_ops,
		       .driver = SIM_DRIVER_VFIO,
		       .flags = PCI,
		       .regions = mdpy_regions,
		       .n_regions = 9,
		       .n_irqs = 5,
		       .info_first = true },
};

struct sim *lab_new(const char *kernel)
{
	struct sim *sim = sim_new(kernel);

	for (size_t i = 0; sim && i < LAB_DEVICES; i++)
		sim_device_add(sim, &lab_devices[i]);
	return sim;
}
