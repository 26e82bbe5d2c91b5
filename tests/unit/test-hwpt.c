/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables: what is sent, byte by byte, and what is made of each answer. */
#include "wire.h"

static struct {
	uint32_t id;
	struct iommufd_hw_info info;
	uint64_t bitmap[2];
	unsigned char data[16];
} results;

static const char entries[4];

static int call_plain(void)
{
	const struct iommufd_hwpt_config config = {
		.device = 1, .parent = 2, .flags = IOMMUFD_HWPT_NEST_PARENT,
	};

	return iommufd_hwpt_alloc(FD, &config, &results.id);
}

static int call_nested(void)
{
	const struct iommufd_hwpt_config config = {
		.device = 1, .parent = 3,
		.data_type = IOMMUFD_HWPT_DATA_VTD_S1, .data_length = 4, .data = entries,
	};

	return iommufd_hwpt_alloc(FD, &config, &results.id);
}

static int call_faulting(void)
{
	const struct iommufd_hwpt_config config = {
		.device = 1, .parent = 3, .flags = IOMMUFD_HWPT_FAULTS | IOMMUFD_HWPT_PASID, .fault = 9,
	};

	return iommufd_hwpt_alloc(FD, &config, &results.id);
}

static int call_dirty_on(void) { return iommufd_hwpt_set_dirty(FD, 4, 7); }
static int call_dirty_off(void) { return iommufd_hwpt_set_dirty(FD, 4, 0); }
static int call_info(void) { return iommufd_hw_info(FD, 1, 0, results.data, 16, &results.info); }

static int call_typed_info(void)
{
	return iommufd_hw_info(FD, 1, IOMMUFD_HW_INFO_TEGRA241_CMDQV, NULL, 0, &results.info);
}

static int call_bitmap(void)
{
	return iommufd_hwpt_dirty_bitmap(FD, 4, IOMMUFD_DIRTY_NO_CLEAR, 0x1000, 0x80000, 0x2000,
					 results.bitmap);
}

static int call_invalidate(void)
{
	uint32_t n = 2;

	return iommufd_hwpt_invalidate(FD, 4, 1, entries, 16, &n);
}

static const struct wrapper wrappers[] = {
	{ "hwpt alloc", call_plain, IOMMUFD_OP_HWPT_ALLOC, 0x3b89,
	  BYTES(uapi_iommu_hwpt_alloc, 24, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0) },
	{ "nested", call_nested, IOMMUFD_OP_HWPT_ALLOC, 0x3b89,
	  BYTES(uapi_iommu_hwpt_alloc, 40, 0, 1, 3, 0, 0, 1, 4, (uintptr_t)entries, 0, 0) },
	{ "with faults", call_faulting, IOMMUFD_OP_HWPT_ALLOC, 0x3b89,
	  BYTES(uapi_iommu_hwpt_alloc, 48, 12, 1, 3, 0, 0, 0, 0, 0, 9, 0) },
	{ "dirty on", call_dirty_on, IOMMUFD_OP_HWPT_SET_DIRTY, 0x3b8b,
	  BYTES(uapi_iommu_hwpt_set_dirty_tracking, 16, 1, 4, 0) },
	{ "dirty off", call_dirty_off, IOMMUFD_OP_HWPT_SET_DIRTY, 0x3b8b,
	  BYTES(uapi_iommu_hwpt_set_dirty_tracking, 16, 0, 4, 0) },
	{ "dirty bitmap", call_bitmap, IOMMUFD_OP_HWPT_DIRTY_BITMAP, 0x3b8c,
	  BYTES(uapi_iommu_hwpt_get_dirty_bitmap, 48, 4, 1, 0, 0x1000, 0x80000, 0x2000,
		(uintptr_t)results.bitmap) },
	{ "invalidate", call_invalidate, IOMMUFD_OP_HWPT_INVALIDATE, 0x3b8d,
	  BYTES(uapi_iommu_hwpt_invalidate, 32, 4, (uintptr_t)entries, 1, 16, 2, 0) },
	{ "hw info", call_info, IOMMUFD_OP_HW_INFO, 0x3b8a,
	  BYTES(uapi_iommu_hw_info, 40, 0, 1, 16, (uintptr_t)results.data, 0, 0, { 0 }, 0) },
	{ "hw info of a type", call_typed_info, IOMMUFD_OP_HW_INFO, 0x3b8a,
	  BYTES(uapi_iommu_hw_info, 40, 1, 1, 0, 0, 3, 0, { 0 }, 0) },
};

static void test_results(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	ANSWER(struct uapi_iommu_hwpt_alloc answer = { .size = 24, .out_hwpt_id = 42 });
	assert_int_equal(call_plain(), 0);
	assert_int_equal(results.id, 42);
	ANSWER(struct uapi_iommu_hw_info answer = { 40, 0, 1, 24, 0, 1, 20, { 0 }, 7 });
	assert_int_equal(call_info(), 0);
	assert_int_equal(results.info.type, IOMMUFD_HW_INFO_INTEL_VTD);
	assert_int_equal(results.info.length, 24);
	assert_int_equal(results.info.pasid_bits, 20);
	assert_int_equal(results.info.capabilities, 7);
}

/* A newer member is sent only where it is used: an older kernel takes the call. */
static void test_sizes(void **state)
{
	static const struct { struct iommufd_hwpt_config config; uint32_t size; } cases[] = {
		{ { .device = 1 }, 24 },
		{ { .flags = IOMMUFD_HWPT_NEST_PARENT | IOMMUFD_HWPT_PASID }, 24 },
		{ { .data_type = 1 }, 40 },
		{ { .data_length = 1 }, 40 },
		{ { .data = entries }, 40 },
		{ { .flags = IOMMUFD_HWPT_FAULTS }, 48 },
		{ { .fault = 1 }, 48 },
		{ { .fault = 1, .data_type = 1 }, 48 },
	};
	uint32_t id;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		memset(&kernel, 0, sizeof(kernel));
		kernel.size = 48;
		assert_int_equal(iommufd_hwpt_alloc(FD, &cases[i].config, &id), 0);
		assert_int_equal(((const struct uapi_iommu_hwpt_alloc *)kernel.sent)->size, cases[i].size);
	}
}

/* How many entries were handled is told on failure as well; none where the kernel did not look. */
static void test_invalidated(void **state)
{
	static const struct { int error; uint32_t answer, n; } cases[] = {
		{ 0, 5, 5 },	  { 0, 3, 3 },	    { EINVAL, 2, 2 }, { EINVAL, 0, 0 },
		{ ENOENT, 0, 0 }, { ENOTTY, 5, 0 }, { EBADF, 5, 0 },  { EFAULT, 5, 0 },
		{ E2BIG, 5, 0 },  { ENOMEM, 5, 0 }, { EIO, 9, 0 }, /* as many as there were, or more: never */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct uapi_iommu_hwpt_invalidate answer = { .size = 32, .entry_num = cases[i].answer };
		uint32_t n = 5;

		memset(&kernel, 0, sizeof(kernel));
		kernel.answer = &answer;
		kernel.size = sizeof(answer);
		kernel.result = cases[i].error ? -1 : 0;
		kernel.error = cases[i].error;
		assert_int_equal(iommufd_hwpt_invalidate(FD, 4, 0, entries, 16, &n), -cases[i].error);
		assert_int_equal(n, cases[i].n);
	}
	kernel.answer = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TESTS,
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_invalidated),
	};

	WIRE_SETUP(wrappers, results);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
