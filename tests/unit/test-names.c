/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of ops and of errnos, and the kernel release that each op came with. */
#include "internal.h"

#include <limits.h>

#include "unit.h"

enum { HIGHEST_ERRNO = 133 };

static void test_every_op_has_a_name(void **state)
{
	(void)state;
	for (int op = 0; op < OP_COUNT; op++) {
		const char *name = iommufd_op_name(op), *since = iommufd_op_since(op);
		unsigned int major, minor;
		char more;

		assert_non_null(name);
		assert_true(*name);
		assert_non_null(since);
		assert_case(sscanf(since, "%u.%u%c", &major, &minor, &more) == 2, since);
		assert_case(major * 100 + minor >= 602, since); /* there was no iommufd before 6.2 */
	}
}

static void test_no_such_op(void **state)
{
	static const int ops[] = { OP_COUNT, OP_COUNT + 1, 1000, INT_MAX, -1, INT_MIN };

	(void)state;
	for (size_t i = 0; i < COUNT(ops); i++) {
		assert_null(iommufd_op_name((enum iommufd_op)ops[i]));
		assert_null(iommufd_op_since((enum iommufd_op)ops[i]));
	}
}

static void test_names_of_ioctls(void **state)
{
	static const struct { enum iommufd_op op; const char *name, *since; } cases[] = {
		{ IOMMUFD_OP_DESTROY, "IOMMU_DESTROY", "6.2" },
		{ IOMMUFD_OP_OPTION_GET, "IOMMU_OPTION", "6.2" },
		{ IOMMUFD_OP_IOAS_ALLOC, "IOMMU_IOAS_ALLOC", "6.2" },
		{ IOMMUFD_OP_IOAS_RANGES, "IOMMU_IOAS_IOVA_RANGES", "6.2" },
		{ IOMMUFD_OP_IOAS_MAP, "IOMMU_IOAS_MAP", "6.2" },
		{ IOMMUFD_OP_IOAS_MAP_FILE, "IOMMU_IOAS_MAP_FILE", "6.13" },
		{ IOMMUFD_OP_IOAS_UNMAP, "IOMMU_IOAS_UNMAP", "6.2" },
		{ IOMMUFD_OP_BIND, "VFIO_DEVICE_BIND_IOMMUFD", "6.6" },
		{ IOMMUFD_OP_ATTACH, "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "6.6" },
		{ IOMMUFD_OP_DETACH, "VFIO_DEVICE_DETACH_IOMMUFD_PT", "6.6" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(iommufd_op_name(cases[i].op), cases[i].name);
		assert_string_equal(iommufd_op_since(cases[i].op), cases[i].since);
	}
}

/* Of these ENOTTY says that kernel, driver or device lack them; of others, that the fd is something else. */
static const enum iommufd_op lacking[] = {
	IOMMUFD_OP_IOAS_MAP_FILE, IOMMUFD_OP_IOAS_COPY, IOMMUFD_OP_IOAS_ALLOW,
	IOMMUFD_OP_IOAS_CHANGE_PROCESS, IOMMUFD_OP_VFIO_IOAS_GET, IOMMUFD_OP_VFIO_IOAS_SET,
	IOMMUFD_OP_VFIO_IOAS_CLEAR, IOMMUFD_OP_HWPT_ALLOC, IOMMUFD_OP_HWPT_SET_DIRTY,
	IOMMUFD_OP_HWPT_DIRTY_BITMAP, IOMMUFD_OP_HWPT_INVALIDATE, IOMMUFD_OP_HW_INFO,
	IOMMUFD_OP_FAULT_ALLOC, IOMMUFD_OP_FAULT_READ, IOMMUFD_OP_FAULT_RESPOND, IOMMUFD_OP_VIOMMU_ALLOC,
	IOMMUFD_OP_VDEVICE_ALLOC, IOMMUFD_OP_VEVENTQ_ALLOC, IOMMUFD_OP_VEVENTQ_READ,
	IOMMUFD_OP_HW_QUEUE_ALLOC, IOMMUFD_OP_BIND_TOKEN, IOMMUFD_OP_ATTACH_PASID, IOMMUFD_OP_DETACH_PASID,
	IOMMUFD_OP_REGION_INFO, IOMMUFD_OP_IRQ_INFO, IOMMUFD_OP_RESET, IOMMUFD_OP_HOT_RESET_INFO,
	IOMMUFD_OP_HOT_RESET, IOMMUFD_OP_FEATURE_PROBE, IOMMUFD_OP_MIGRATION_FLAGS,
	IOMMUFD_OP_MIGRATION_STATE, IOMMUFD_OP_MIGRATION_SET_STATE, IOMMUFD_OP_MIGRATION_DATA_SIZE,
	IOMMUFD_OP_MIGRATION_PRECOPY, IOMMUFD_OP_DMA_LOGGING_START, IOMMUFD_OP_DMA_LOGGING_STOP,
	IOMMUFD_OP_DMA_LOGGING_REPORT, IOMMUFD_OP_LOW_POWER_ENTRY, IOMMUFD_OP_LOW_POWER_WAKEUP,
	IOMMUFD_OP_LOW_POWER_EXIT, IOMMUFD_OP_DMA_BUF, IOMMUFD_OP_IRQ_SET,
	IOMMUFD_OP_IOAS_NOIOMMU_GET_PA,
};

static bool is_lacking(enum iommufd_op op)
{
	for (size_t i = 0; i < COUNT(lacking); i++)
		if (lacking[i] == op)
			return true;
	return false;
}

static void test_unsupported(void **state)
{
	(void)state;
	for (enum iommufd_op op = 0; iommufd_op_name(op); op++)
		for (int error = 0; error <= HIGHEST_ERRNO; error++) {
			bool expected = error == EOPNOTSUPP || (error == ENOTTY && is_lacking(op)) ||
					(op == IOMMUFD_OP_OPEN && (error == ENOENT || error == ENODEV));

			assert_case(iommufd_is_unsupported(op, error) == expected, iommufd_op_name(op));
			assert_case(iommufd_is_unsupported(op, -error) == expected, iommufd_op_name(op));
		}
}

static void test_unsupported_is_of_an_op(void **state)
{
	(void)state;
	assert_int_equal(iommufd_is_unsupported((enum iommufd_op)OP_COUNT, EOPNOTSUPP), 0);
	assert_int_equal(iommufd_is_unsupported((enum iommufd_op)-1, ENOTTY), 0);
	assert_int_equal(iommufd_is_unsupported(IOMMUFD_OP_OPEN, INT_MIN), 0);
	assert_int_equal(iommufd_is_unsupported(IOMMUFD_OP_OPEN, INT_MAX), 0);
}

static void test_error_names(void **state)
{
	(void)state;
	assert_string_equal(iommufd_error_name(EBUSY), "EBUSY");
	assert_string_equal(iommufd_error_name(-EBUSY), "EBUSY");
	assert_string_equal(iommufd_error_name(EBADFD), "EBADFD");
	assert_null(iommufd_error_name(4000));
	assert_null(iommufd_error_name(-4000));
	assert_null(iommufd_error_name(INT_MIN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_op_has_a_name),
		cmocka_unit_test(test_no_such_op),
		cmocka_unit_test(test_names_of_ioctls),
		cmocka_unit_test(test_unsupported),
		cmocka_unit_test(test_unsupported_is_of_an_op),
		cmocka_unit_test(test_error_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
