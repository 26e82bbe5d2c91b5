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
	assert_int_equal(IOMMUFD_RLIMIT_MODE, 0);
	assert_int_equal(IOMMUFD_HUGE_PAGES, 1);
	assert_int_equal(IOMMUFD_MAP_FIXED, 1);
	assert_int_equal(IOMMUFD_MAP_WRITE, 2);
	assert_int_equal(IOMMUFD_MAP_READ, 4);
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
	assert_int_equal(sizeof(struct iommufd_explanation), 2 * sizeof(void *) + 8);
	assert_int_equal(sizeof(struct iommufd_trace_field), sizeof(void *) == 8 ? 16 : 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_ops_are_stable),
		cmocka_unit_test(test_values_are_stable),
		cmocka_unit_test(test_layouts_are_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
