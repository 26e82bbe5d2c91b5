/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an IOMMU can do beyond the lab's: dirty pages, nested page tables, PASIDs, page requests, virtual
 * IOMMUs.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "calls.h"
#include "uapi/iommufd.h"
#include "uapi/vfio.h"
#include "unit.h"

static const struct sim_device_description on_vtd = {
	.address = "0000:10:00.0", .driver = SIM_DRIVER_VFIO, .iommu = &lab_nesting_vtd, .group = 30,
	.msi = { 0xfee00000, 0xfeefffff }, .pasid_bits = 8,
};

static const struct sim_device_description on_smmu = {
	.address = "0000:20:00.0", .driver = SIM_DRIVER_VFIO, .iommu = &lab_smmu, .group = 31,
};

/* In the place of another one, so that calls.h can be used. */
enum { DEVICE = LAB_EDU };

static struct sim_device *add(struct bench *bench, const struct sim_device_description *description)
{
	struct sim_device *device = sim_device_add(bench->sim, description);

	assert_non_null(device);
	assert_int_equal(sim_cdev_open(device, &bench->cdevs[DEVICE]), 0);
	return device;
}

/* --- dirty pages ------------------------------------------------------------------------------------- */

static long get_dirty(struct bench *bench, uint32_t hwpt, uint64_t pages, uint32_t flags, uint64_t *bits)
{
	struct uapi_iommu_hwpt_get_dirty_bitmap arg = {
		.size = sizeof(arg),
		.hwpt_id = hwpt,
		.flags = flags,
		.iova = 0x10000,
		.length = pages * PAGE_SIZE,
		.page_size = PAGE_SIZE,
		.data = (uintptr_t)bits,
	};

	return on_iommufd(bench, UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP, &arg);
}

static void test_dirty(void **state)
{
	struct uapi_iommu_hwpt_set_dirty_tracking set = { sizeof(set), 1, 3, 0 };
	struct sim_device *device;
	struct bench bench;
	uint64_t bits = 1u << 7;

	(void)state;
	bench_open(&bench, "7.2");
	device = add(&bench, &on_vtd);
	new_ioas(&bench);
	map_fixed(&bench, 1, 0, 8, 0x10000);
	assert_int_equal(bind_device(&bench, DEVICE), 2);
	assert_int_equal(new_hwpt(&bench, 2, 1, UAPI_IOMMU_HWPT_ALLOC_DIRTY_TRACKING), 3);
	assert_int_equal(attach_device(&bench, DEVICE, 3), 3);
	assert_int_equal(sim_dma_write(device, 0x10000, "x", 1), 0); /* not seen: nobody tracks */
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_HWPT_SET_DIRTY_TRACKING, &set), 0);
	assert_int_equal(sim_dma_write(device, 0x11fff, "xy", 2), 0);
	assert_int_equal(sim_dma_read(device, 0x14000, &set, 4), 0);
	assert_int_equal(get_dirty(&bench, 3, 8, UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR, &bits), 0);
	assert_int_equal(bits, 1u << 7 | 1u << 1 | 1u << 2); /* what was set stays */
	bits = 0;
	assert_int_equal(get_dirty(&bench, 3, 8, 0, &bits), 0);
	assert_int_equal(bits, 6);
	bits = 0;
	assert_int_equal(get_dirty(&bench, 3, 8, 0, &bits), 0);
	assert_int_equal(bits, 0);
	assert_int_equal(sim_dma_write(device, 0x13000, "x", 1), 0);
	unmap(&bench, 1, 0x10000, 8 * PAGE_SIZE);
	map_fixed(&bench, 1, 0, 8, 0x10000);
	assert_int_equal(get_dirty(&bench, 3, 8, 0, &bits), 0);
	assert_int_equal(bits, 0); /* what was unmapped is not dirty */
	assert_int_equal(get_dirty(&bench, 3, 0, 0, &bits), -EOVERFLOW); /* as the kernel: seen */
	assert_int_equal(get_dirty(&bench, 1, 8, 0, &bits), -ENOENT);
	bench_close(&bench);
}

/* --- nested page tables ------------------------------------------------------------------------------ */

struct vtd_s1 {
	uint64_t flags, table;
	uint32_t width, reserved;
};

static long new_nested(struct bench *bench, uint32_t dev, uint32_t parent, uint32_t type, const void *data,
		       uint32_t len)
{
	struct uapi_iommu_hwpt_alloc arg = { .size = sizeof(arg),
					     .dev_id = dev,
					     .pt_id = parent,
					     .data_type = type,
					     .data_len = len,
					     .data_uptr = (uintptr_t)data };
	long rc = on_iommufd(bench, UAPI_IOMMU_HWPT_ALLOC, &arg);

	return rc ? rc : arg.out_hwpt_id;
}

/* A guest's page table in its memory, which the parent maps: four levels, then a page. */
static void fill_table(struct bench *bench, uint64_t base, uint64_t address, int page, bool writable)
{
	uint64_t *tables = (uint64_t *)(void *)bench->memory;

	memset(tables, 0, 4 * PAGE_SIZE);
	for (int level = 3; level > 0; level--)
		tables[(3 - level) * 512 + (address >> (12 + 9 * level) & 511)] =
			(base + (uint64_t)(4 - level) * PAGE_SIZE) | 3;
	tables[3 * 512 + (address >> 12 & 511)] = (base + (uint64_t)page * PAGE_SIZE) | (writable ? 3 : 1);
}

static void test_nested(void **state)
{
	struct vtd_s1 data = { .table = 0x10000, .width = 48 };
	struct uapi_iommu_hwpt_invalidate invalidate = { .size = sizeof(invalidate),
							 .entry_len = 24,
							 .entry_num = 2 };
	uint64_t entries[6] = { 0x1000, 1, 0, 0x1001, 1, 0 };
	struct sim_device *device;
	struct bench bench;
	unsigned char byte;

	(void)state;
	bench_open(&bench, "6.12");
	device = add(&bench, &on_vtd);
	new_ioas(&bench);
	map_fixed(&bench, 1, 0, 8, 0x10000);
	bind_device(&bench, DEVICE);
	assert_int_equal(new_hwpt(&bench, 2, 1, 0), 3);
	assert_int_equal(new_nested(&bench, 2, 3, 1, &data, sizeof(data)), -EINVAL); /* not made for that */
	assert_int_equal(new_hwpt(&bench, 2, 1, UAPI_IOMMU_HWPT_ALLOC_NEST_PARENT), 4);
	assert_int_equal(new_nested(&bench, 2, 4, 2, &data, sizeof(data)), -EOPNOTSUPP);
	assert_int_equal(new_nested(&bench, 2, 4, 1, &data, 8), -EINVAL);
	assert_int_equal(new_nested(&bench, 2, 4, 1, NULL, sizeof(data)), -EFAULT);
	assert_int_equal(new_nested(&bench, 2, 4, 1, &data, sizeof(data)), 5);
	assert_int_equal(destroy(&bench, 4), -EBUSY);
	assert_int_equal(attach_device(&bench, DEVICE, 5), 5);
	assert_int_equal(sim_dma_read(device, 0x123456789ull, &byte, 1), -EFAULT);
	fill_table(&bench, 0x10000, 0x123456000ull, 6, false);
	assert_int_equal(sim_dma_read(device, 0x123456789ull, &byte, 1), 0);
	assert_int_equal(byte, 6);
	assert_int_equal(sim_dma_write(device, 0x123456789ull, &byte, 1), -EFAULT);
	invalidate.hwpt_id = 5;
	invalidate.data_uptr = (uintptr_t)entries;
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_HWPT_INVALIDATE, &invalidate), -EINVAL);
	assert_int_equal(invalidate.entry_num, 1); /* the first one was done */
	bench_close(&bench);
}

/* --- PASIDs ------------------------------------------------------------------------------------------ */

static void test_pasid(void **state)
{
	struct uapi_vfio_device_attach_iommufd_pt attach = {
		.argsz = 16, .flags = 1, .pt_id = 3, .pasid = 5
	};
	struct uapi_vfio_device_detach_iommufd_pt detach = { .argsz = 12, .flags = 1, .pasid = 5 };
	struct sim_device *device;
	struct bench bench;
	unsigned char byte;

	(void)state;
	bench_open(&bench, "7.2");
	device = add(&bench, &on_vtd);
	new_ioas(&bench);
	map_fixed(&bench, 1, 4, 1, 0x10000);
	bind_device(&bench, DEVICE);
	assert_int_equal(new_hwpt(&bench, 2, 1, UAPI_IOMMU_HWPT_ALLOC_PASID), 3);
	assert_int_equal(new_hwpt(&bench, 2, 1, 0), 4);
	assert_int_equal(on_cdev(&bench, DEVICE, UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach), 0);
	assert_int_equal(sim_dma_pasid(device, 5, 0x10000, &byte, 1, false), 0);
	assert_int_equal(byte, 4);
	assert_int_equal(sim_dma_pasid(device, 6, 0x10000, &byte, 1, false), -EFAULT);
	assert_int_equal(sim_dma_read(device, 0x10000, &byte, 1), -EFAULT);
	assert_int_equal(attach_device(&bench, DEVICE, 4), -EINVAL); /* cannot be beside PASIDs */
	assert_int_equal(attach_device(&bench, DEVICE, 3), 3);
	attach.pt_id = 4;
	assert_int_equal(on_cdev(&bench, DEVICE, UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach), -EINVAL);
	attach = (struct uapi_vfio_device_attach_iommufd_pt){ 16, 1, 3, 256 };
	assert_int_equal(on_cdev(&bench, DEVICE, UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach), -EINVAL);
	assert_int_equal(on_cdev(&bench, DEVICE, UAPI_VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach), 0);
	assert_int_equal(on_cdev(&bench, DEVICE, UAPI_VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach), 0);
	assert_int_equal(sim_dma_pasid(device, 5, 0x10000, &byte, 1, false), -EFAULT);
	bench_close(&bench);
}

/* --- page requests ----------------------------------------------------------------------------------- */

static void count_ready(void *data)
{
	++*(int *)data;
}

static void test_page_requests(void **state)
{
	struct uapi_iommu_fault_alloc alloc = { .size = sizeof(alloc) };
	struct uapi_iommu_hwpt_alloc hwpt = { .size = sizeof(hwpt),
					      .flags = UAPI_IOMMU_HWPT_FAULT_ID_VALID,
					      .dev_id = 2,
					      .pt_id = 1,
					      .fault_id = 3 };
	struct sim_page_request part = { .grpid = 7, .perm = 1, .addr = 0x1000 }, last = part;
	struct uapi_iommu_hwpt_pgfault faults[3];
	struct uapi_iommu_hwpt_page_response response = { 1, 0 };
	struct sim_device *device;
	struct sim_file *file;
	struct bench bench;
	int ready = 0;

	(void)state;
	bench_open(&bench, "7.2");
	device = add(&bench, &on_vtd);
	new_ioas(&bench);
	bind_device(&bench, DEVICE);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_FAULT_QUEUE_ALLOC, &alloc), 0);
	assert_int_equal(alloc.out_fault_id, 3);
	file = world_file(&bench.world, (int)alloc.out_fault_fd);
	assert_int_equal(sim_file_kind(file), SIM_FILE_FAULTS);
	sim_file_on_ready(file, count_ready, &ready);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_HWPT_ALLOC, &hwpt), 0);
	assert_int_equal(sim_page_request(device, &last), -ENODEV);
	assert_int_equal(attach_device(&bench, DEVICE, hwpt.out_hwpt_id), hwpt.out_hwpt_id);
	last.flags = UAPI_IOMMU_PGFAULT_FLAGS_LAST_PAGE;
	last.addr = 0x2000;
	assert_int_equal(sim_page_request(device, &part), 0);
	assert_int_equal(ready, 0); /* the rest of the group is not there */
	assert_int_equal(sim_file_read(file, faults, sizeof(faults)), 0);
	assert_int_equal(sim_page_request(device, &last), 0);
	assert_int_equal(ready, 1);
	assert_int_equal(sim_file_poll(file) & POLLIN, POLLIN);
	assert_int_equal(sim_file_read(file, faults, 41), -ESPIPE);
	assert_int_equal(sim_file_read(file, faults, sizeof(faults[0])), -EINVAL);
	assert_int_equal(sim_file_read(file, faults, sizeof(faults)), 2 * sizeof(faults[0]));
	assert_int_equal(faults[0].addr, 0x1000);
	assert_int_equal(faults[1].addr, 0x2000);
	assert_int_equal(faults[1].dev_id, 2);
	assert_int_equal(faults[1].cookie, 1);
	response.code = 9;
	assert_int_equal(sim_file_write(file, &response, sizeof(response)), -EINVAL);
	response.code = 0;
	assert_int_equal(sim_file_write(file, &response, sizeof(response)), sizeof(response));
	assert_int_equal(sim_file_write(file, &response, sizeof(response)), -EINVAL); /* answered already */
	assert_int_equal(destroy(&bench, 3), -EBUSY);
	assert_int_equal(sim_page_request(device, &last), 0);
	detach_device(&bench, DEVICE);
	assert_int_equal(sim_file_poll(file) & POLLIN, 0); /* went with the attachment */
	bench_close(&bench);
}

/* A kernel of 6.12 has queues for nested page tables alone. */
static void test_paging_faults_of_old(void **state)
{
	struct uapi_iommu_hwpt_alloc hwpt = { .size = sizeof(hwpt),
					      .flags = UAPI_IOMMU_HWPT_FAULT_ID_VALID,
					      .dev_id = 2,
					      .pt_id = 1,
					      .fault_id = 3 };
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	add(&bench, &on_vtd);
	new_ioas(&bench);
	bind_device(&bench, DEVICE);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_HWPT_ALLOC, &hwpt), -EOPNOTSUPP);
	bench_close(&bench);
}

/* --- virtual IOMMUs ---------------------------------------------------------------------------------- */

static void test_virtual(void **state)
{
	struct uapi_iommu_viommu_alloc viommu = {
		.size = sizeof(viommu), .type = 1, .dev_id = 2, .hwpt_id = 3
	};
	struct uapi_iommu_vdevice_alloc vdevice = {
		.size = sizeof(vdevice), .viommu_id = 4, .dev_id = 2, .virt_id = 9
	};
	struct uapi_iommu_veventq_alloc queue = {
		.size = sizeof(queue), .viommu_id = 4, .type = 1, .veventq_depth = 1
	};
	struct uapi_iommu_hw_queue_alloc hw_queue = {
		.size = sizeof(hw_queue), .viommu_id = 4, .type = 1, .length = 1
	};
	uint64_t ste[2] = { 0 }, event[4] = { 5 };
	struct uapi_iommufd_vevent_header header;
	unsigned char bytes[128];
	struct sim_device *device;
	struct bench bench;

	(void)state;
	bench_open(&bench, "7.2");
	device = add(&bench, &on_smmu);
	new_ioas(&bench);
	bind_device(&bench, DEVICE);
	assert_int_equal(new_hwpt(&bench, 2, 1, UAPI_IOMMU_HWPT_ALLOC_NEST_PARENT), 3);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_VIOMMU_ALLOC, &viommu), 0);
	assert_int_equal(viommu.out_viommu_id, 4);
	assert_int_equal(new_nested(&bench, 2, 3, 2, ste, sizeof(ste)),
			 -EOPNOTSUPP); /* below the virtual one only */
	assert_int_equal(new_nested(&bench, 2, 4, 2, ste, sizeof(ste)), 5);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_VDEVICE_ALLOC, &vdevice), 0);
	assert_int_equal(vdevice.out_vdevice_id, 6);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_VDEVICE_ALLOC, &vdevice), -EEXIST);
	assert_int_equal(sim_iommu_event(device, event, sizeof(event)), -ENODEV);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_VEVENTQ_ALLOC, &queue), 0);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_VEVENTQ_ALLOC, &queue), -EEXIST);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sim_iommu_event(device, event, sizeof(event)), 0);
	assert_int_equal(
		sim_file_read(world_file(&bench.world, (int)queue.out_veventq_fd), bytes, sizeof(bytes)), 48);
	memcpy(&header, bytes, sizeof(header));
	assert_int_equal(header.sequence, 0);
	memcpy(&header, bytes + 40, sizeof(header));
	assert_int_equal(header.flags, UAPI_IOMMU_VEVENTQ_FLAG_LOST_EVENTS); /* there was room for one */
	assert_int_equal(header.sequence, 2);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_HW_QUEUE_ALLOC, &hw_queue), -EOPNOTSUPP);
	assert_int_equal(destroy(&bench, 4), -EBUSY);
	close_device(&bench, DEVICE); /* with it goes the vdevice, and leaves its id taken */
	assert_int_equal(destroy(&bench, 6), -ENOENT);
	for (int id = 0; id < 3; id++)
		assert_int_not_equal(new_ioas(&bench), 6);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dirty),	      cmocka_unit_test(test_nested),
		cmocka_unit_test(test_pasid),	      cmocka_unit_test(test_page_requests),
		cmocka_unit_test(test_paging_faults_of_old), cmocka_unit_test(test_virtual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
