/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The public header: what programs that were compiled against it rely on. */
#if __has_include(<linux/iommufd.h>)
#include <linux/iommufd.h>
#endif
#if __has_include(<linux/vfio.h>)
#include <linux/vfio.h>
#endif

#include "libiommufd.h"
#include "libiommufd.h" /* twice does no harm */

#include <string.h>

#include "unit.h"

static void test_version(void **state)
{
	unsigned int major, minor, patch;
	char more;

	(void)state;
	assert_int_equal(sscanf(LIBIOMMUFD_VERSION, "%u.%u.%u%c", &major, &minor, &patch, &more), 3);
}

/* Values that are compiled into programs never change; new ones are appended here. */
static void test_ops_are_stable(void **state)
{
	static const enum iommufd_op ops[] = {
		IOMMUFD_OP_OPEN,	 IOMMUFD_OP_CHECK,	   IOMMUFD_OP_DEVICE_OPEN,
		IOMMUFD_OP_LOOKUP,	 IOMMUFD_OP_DESTROY,	   IOMMUFD_OP_OPTION_GET,
		IOMMUFD_OP_OPTION_SET,	 IOMMUFD_OP_IOAS_ALLOC,	   IOMMUFD_OP_IOAS_RANGES,
		IOMMUFD_OP_IOAS_MAP,	 IOMMUFD_OP_IOAS_MAP_FILE, IOMMUFD_OP_IOAS_UNMAP,
		IOMMUFD_OP_BIND,	 IOMMUFD_OP_ATTACH,	   IOMMUFD_OP_DETACH,
		IOMMUFD_OP_DEVICE_CAPS,	 IOMMUFD_OP_STRICT_ATTACH, IOMMUFD_OP_STRICT_REPLACE,
		IOMMUFD_OP_IOAS_COPY, IOMMUFD_OP_IOAS_ALLOW, IOMMUFD_OP_IOAS_CHANGE_PROCESS,
		IOMMUFD_OP_VFIO_IOAS_GET, IOMMUFD_OP_VFIO_IOAS_SET, IOMMUFD_OP_VFIO_IOAS_CLEAR,
		IOMMUFD_OP_HWPT_ALLOC, IOMMUFD_OP_HWPT_SET_DIRTY, IOMMUFD_OP_HWPT_DIRTY_BITMAP,
		IOMMUFD_OP_HWPT_INVALIDATE, IOMMUFD_OP_HW_INFO, IOMMUFD_OP_FAULT_ALLOC,
		IOMMUFD_OP_FAULT_READ, IOMMUFD_OP_FAULT_RESPOND, IOMMUFD_OP_VIOMMU_ALLOC,
		IOMMUFD_OP_VDEVICE_ALLOC, IOMMUFD_OP_VEVENTQ_ALLOC, IOMMUFD_OP_VEVENTQ_READ,
		IOMMUFD_OP_HW_QUEUE_ALLOC, IOMMUFD_OP_BIND_TOKEN, IOMMUFD_OP_ATTACH_PASID,
		IOMMUFD_OP_DETACH_PASID, IOMMUFD_OP_REGION_INFO, IOMMUFD_OP_IRQ_INFO,
		IOMMUFD_OP_RESET, IOMMUFD_OP_HOT_RESET_INFO, IOMMUFD_OP_HOT_RESET,
		IOMMUFD_OP_FEATURE_PROBE, IOMMUFD_OP_MIGRATION_FLAGS, IOMMUFD_OP_MIGRATION_STATE,
		IOMMUFD_OP_MIGRATION_SET_STATE, IOMMUFD_OP_MIGRATION_DATA_SIZE,
		IOMMUFD_OP_MIGRATION_PRECOPY, IOMMUFD_OP_DMA_LOGGING_START,
		IOMMUFD_OP_DMA_LOGGING_STOP, IOMMUFD_OP_DMA_LOGGING_REPORT,
		IOMMUFD_OP_LOW_POWER_ENTRY, IOMMUFD_OP_LOW_POWER_WAKEUP, IOMMUFD_OP_LOW_POWER_EXIT,
		IOMMUFD_OP_DMA_BUF, IOMMUFD_OP_IRQ_SET, IOMMUFD_OP_IOAS_NOIOMMU_GET_PA,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ops); i++)
		assert_int_equal(ops[i], i);
}

static void test_values_are_stable(void **state)
{
	(void)state;
	assert_int_equal(IOMMUFD_KIND_UNKNOWN, 0);
	assert_int_equal(IOMMUFD_PHYSICAL, 1);
	assert_int_equal(IOMMUFD_EMULATED, 2);
	assert_int_equal(IOMMUFD_SEEN, 0);
	assert_int_equal(IOMMUFD_FROM_SOURCE, 1);
	assert_int_equal(IOMMUFD_FILTERED, 2);
	assert_int_equal(IOMMUFD_RLIMIT_MODE, 0);
	assert_int_equal(IOMMUFD_HUGE_PAGES, 1);
	assert_int_equal(IOMMUFD_MAP_FIXED, 1);
	assert_int_equal(IOMMUFD_MAP_WRITE, 2);
	assert_int_equal(IOMMUFD_MAP_READ, 4);
}

static void test_enums_are_stable(void **state)
{
	static const struct { unsigned int value, expected; } cases[] = {
		{ IOMMUFD_OBJECT_ABSENT, 0 },	     { IOMMUFD_OBJECT_UNKNOWN, 1 },
		{ IOMMUFD_OBJECT_IOAS, 2 },	     { IOMMUFD_OBJECT_DEVICE, 3 },
		{ IOMMUFD_OBJECT_HWPT, 4 },	     { IOMMUFD_OBJECT_HWPT_NESTED, 5 },
		{ IOMMUFD_OBJECT_VIOMMU, 6 },	     { IOMMUFD_HWPT_DATA_AMD_GUEST, 3 },
		{ IOMMUFD_HW_INFO_AMD, 4 },	     { IOMMUFD_VIOMMU_TEGRA241_CMDQV, 2 },
		{ IOMMUFD_VEVENTQ_TEGRA241_CMDQV, 2 }, { IOMMUFD_HW_QUEUE_TEGRA241_CMDQV, 1 },
		{ IOMMUFD_FAULT_SUCCESS, 0 },	     { IOMMUFD_FAULT_INVALID, 1 },
		{ IOMMUFD_STATE_PRE_COPY_P2P, 7 },   { IOMMUFD_FEATURE_DMA_BUF, 11 },
		{ IOMMUFD_FEATURE_MIGRATION_PRECOPY_V2, 12 }, { IOMMUFD_FEATURE_ZPCI_ERROR, 13 },
		{ IOMMUFD_FEATURE_GET, 1 },	     { IOMMUFD_FEATURE_SET, 2 },
		{ IOMMUFD_RESET_NOT_OWNED, UINT32_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(cases[i].value, cases[i].expected);
}

static void test_layouts_are_stable(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct iommufd_range), 16);
	assert_int_equal(offsetof(struct iommufd_range, last), 8);
	assert_int_equal(sizeof(struct iommufd_device_caps), 12);
	assert_int_equal(offsetof(struct iommufd_device, cdev), 32);
	assert_int_equal(offsetof(struct iommufd_device, address), 96);
	assert_int_equal(offsetof(struct iommufd_device, driver), 160);
	assert_int_equal(offsetof(struct iommufd_device, sysfs), 224);
	assert_int_equal(offsetof(struct iommufd_device, group), 736);
	assert_int_equal(offsetof(struct iommufd_device, kind), 740);
	assert_int_equal(sizeof(struct iommufd_device), 744);
	assert_int_equal(sizeof(struct iommufd_explanation), 4 * sizeof(void *));
	assert_int_equal(offsetof(struct iommufd_explanation, seen_on), 3 * sizeof(void *));
	assert_int_equal(sizeof(struct iommufd_trace_field), sizeof(void *) == 8 ? 16 : 12);
	assert_int_equal(sizeof(struct iommufd_hwpt_config), 24 + sizeof(void *));
	assert_int_equal(sizeof(struct iommufd_hw_info), 24);
	assert_int_equal(offsetof(struct iommufd_hw_info, capabilities), 8);
	assert_int_equal(sizeof(struct iommufd_fault), 40);
	assert_int_equal(offsetof(struct iommufd_fault, cookie), 36);
	assert_int_equal(sizeof(struct iommufd_fault_response), 8);
	assert_int_equal(sizeof(struct iommufd_vevent), 8 + 2 * sizeof(void *));
	assert_int_equal(sizeof(struct iommufd_device_info), 16);
	assert_int_equal(sizeof(struct iommufd_region), 24);
	assert_int_equal(sizeof(struct iommufd_cap), 3 * sizeof(void *));
	assert_int_equal(sizeof(struct iommufd_span), 16);
	assert_int_equal(sizeof(struct iommufd_irq), 8);
	assert_int_equal(sizeof(struct iommufd_reset_device), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_ops_are_stable),
		cmocka_unit_test(test_values_are_stable),
		cmocka_unit_test(test_enums_are_stable),
		cmocka_unit_test(test_layouts_are_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
