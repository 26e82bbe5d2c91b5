/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each wrapper sends, byte by byte, and what it makes of each answer. */
#include <limits.h>

#include "wire.h"

static struct {
	uint32_t id;
	uint64_t u64;
	struct iommufd_device_caps caps;
	struct iommufd_range ranges[3];
} results;

static char memory[16];

static int call_destroy(void) { return iommufd_destroy(FD, 0x11223344); }
static int call_get(void) { return iommufd_option_get(FD, IOMMUFD_HUGE_PAGES, 9, &results.u64); }
static int call_set(void) { return iommufd_option_set(FD, IOMMUFD_RLIMIT_MODE, 0, 1); }
static int call_alloc(void) { return iommufd_ioas_alloc(FD, &results.id); }
static int call_ranges(void) { return iommufd_ioas_ranges(FD, 5, results.ranges, 3, &results.u64); }
static int call_unmap(void) { return iommufd_ioas_unmap(FD, 5, 0x1000, 0x2000, &results.u64); }
static int call_bind(void) { return iommufd_device_bind(FD, 12, &results.id); }
static int call_attach(void) { return iommufd_device_attach(FD, &results.id); }
static int call_detach(void) { return iommufd_device_detach(FD); }
static int call_caps(void) { return iommufd_device_caps(FD, &results.caps); }

static int call_change(void) { return iommufd_ioas_change_process(FD); }
static int call_vfio_get(void) { return iommufd_vfio_ioas_get(FD, &results.id); }
static int call_vfio_set(void) { return iommufd_vfio_ioas_set(FD, 6); }
static int call_vfio_clear(void) { return iommufd_vfio_ioas_clear(FD); }
static int call_allow(void) { return iommufd_ioas_allow(FD, 5, results.ranges, 2); }

static int call_copy(void)
{
	return iommufd_ioas_copy(FD, 5, 6, IOMMUFD_MAP_FIXED | IOMMUFD_MAP_READ, 0x7000, 0x3000,
				 &results.u64);
}

static int call_map(void)
{
	return iommufd_ioas_map(FD, 5, IOMMUFD_MAP_FIXED | IOMMUFD_MAP_READ, memory, 0x3000, &results.u64);
}

static int call_map_file(void)
{
	return iommufd_ioas_map_file(FD, 5, IOMMUFD_MAP_FIXED | IOMMUFD_MAP_WRITE, 8, 0x4000, 0x5000,
				     &results.u64);
}

static const struct wrapper wrappers[] = {
	{ "destroy", call_destroy, IOMMUFD_OP_DESTROY, 0x3b80, BYTES(uapi_iommu_destroy, 8, 0x11223344) },
	{ "option get", call_get, IOMMUFD_OP_OPTION_GET, 0x3b87,
	  BYTES(uapi_iommu_option, 24, 1, 1, 0, 9, 0) },
	{ "option set", call_set, IOMMUFD_OP_OPTION_SET, 0x3b87,
	  BYTES(uapi_iommu_option, 24, 0, 0, 0, 0, 1) },
	{ "ioas alloc", call_alloc, IOMMUFD_OP_IOAS_ALLOC, 0x3b81, BYTES(uapi_iommu_ioas_alloc, 12, 0, 0) },
	{ "ioas ranges", call_ranges, IOMMUFD_OP_IOAS_RANGES, 0x3b84,
	  BYTES(uapi_iommu_ioas_iova_ranges, 32, 5, 3, 0, (uintptr_t)results.ranges, 0) },
	{ "ioas map", call_map, IOMMUFD_OP_IOAS_MAP, 0x3b85,
	  BYTES(uapi_iommu_ioas_map, 40, 5, 5, 0, (uintptr_t)memory, 0x3000, MARK64) },
	{ "ioas map file", call_map_file, IOMMUFD_OP_IOAS_MAP_FILE, 0x3b8f,
	  BYTES(uapi_iommu_ioas_map_file, 40, 3, 5, 8, 0x4000, 0x5000, MARK64) },
	{ "ioas unmap", call_unmap, IOMMUFD_OP_IOAS_UNMAP, 0x3b86,
	  BYTES(uapi_iommu_ioas_unmap, 24, 5, 0x1000, 0x2000) },
	{ "ioas copy", call_copy, IOMMUFD_OP_IOAS_COPY, 0x3b83,
	  BYTES(uapi_iommu_ioas_copy, 40, 5, 5, 6, 0x3000, MARK64, 0x7000) },
	{ "ioas allow", call_allow, IOMMUFD_OP_IOAS_ALLOW, 0x3b82,
	  BYTES(uapi_iommu_ioas_allow_iovas, 24, 5, 2, 0, (uintptr_t)results.ranges) },
	{ "change process", call_change, IOMMUFD_OP_IOAS_CHANGE_PROCESS, 0x3b92,
	  BYTES(uapi_iommu_ioas_change_process, 8, 0) },
	{ "vfio ioas get", call_vfio_get, IOMMUFD_OP_VFIO_IOAS_GET, 0x3b88,
	  BYTES(uapi_iommu_vfio_ioas, 12, 0, 0, 0) },
	{ "vfio ioas set", call_vfio_set, IOMMUFD_OP_VFIO_IOAS_SET, 0x3b88,
	  BYTES(uapi_iommu_vfio_ioas, 12, 6, 1, 0) },
	{ "vfio ioas clear", call_vfio_clear, IOMMUFD_OP_VFIO_IOAS_CLEAR, 0x3b88,
	  BYTES(uapi_iommu_vfio_ioas, 12, 0, 2, 0) },
	{ "bind", call_bind, IOMMUFD_OP_BIND, 0x3b76,
	  BYTES(uapi_vfio_device_bind_iommufd, 16, 0, 12, 0, 0) },
	{ "attach", call_attach, IOMMUFD_OP_ATTACH, 0x3b77,
	  BYTES(uapi_vfio_device_attach_iommufd_pt, 12, 0, MARK32, 0) },
	{ "detach", call_detach, IOMMUFD_OP_DETACH, 0x3b78,
	  BYTES(uapi_vfio_device_detach_iommufd_pt, 8, 0, 0) },
	{ "caps", call_caps, IOMMUFD_OP_DEVICE_CAPS, 0x3b6b,
	  BYTES(uapi_vfio_device_info, 24, 0, 0, 0, 0, 0) },
};

/* Anything but an iommufd has many answers to a strange ioctl; to the caller they are one. */
static void test_check(void **state)
{
	static const struct uapi_iommu_option sent = { 24, 0, 1, 0, 0, 0 };
	static const struct { int result, error, expected; } cases[] = {
		{ 0, 0, 0 },		      { -1, EBADF, -EBADF },   { -1, ENOTTY, -ENOTTY },
		{ -1, EINVAL, -ENOTTY },      { -1, EPERM, -ENOTTY },  { -1, EOPNOTSUPP, -ENOTTY },
		{ 3, 0, -ENOTTY },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		memset(&kernel, 0, sizeof(kernel));
		kernel.size = sizeof(sent);
		kernel.result = cases[i].result;
		kernel.error = cases[i].error;
		kernel.interruptions = 1;
		errno = 0;
		assert_int_equal(iommufd_check(FD), cases[i].expected);
		assert_true(cases[i].expected == 0 || errno == -cases[i].expected);
		assert_int_equal(kernel.request, 0x3b87);
		assert_memory_equal(kernel.sent, &sent, sizeof(sent));
	}
}

static void test_results(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	ANSWER(struct uapi_iommu_ioas_alloc answer = { 12, 0, 42 });
	assert_int_equal(call_alloc(), 0);
	assert_int_equal(results.id, 42);
	ANSWER(struct uapi_iommu_option answer = { .size = 24, .val64 = 0x123456789 });
	assert_int_equal(call_get(), 0);
	assert_int_equal(results.u64, 0x123456789);
	ANSWER(struct uapi_iommu_ioas_map answer = { .size = 40, .iova = 0xfffff000 });
	assert_int_equal(call_map(), 0);
	assert_int_equal(results.u64, 0xfffff000);
	ANSWER(struct uapi_iommu_ioas_map_file answer = { .size = 40, .iova = 0xabcde000 });
	assert_int_equal(call_map_file(), 0);
	assert_int_equal(results.u64, 0xabcde000);
	ANSWER(struct uapi_iommu_ioas_unmap answer = { .size = 24, .length = 0x7000 });
	assert_int_equal(call_unmap(), 0);
	assert_int_equal(results.u64, 0x7000);
	assert_int_equal(iommufd_ioas_unmap(FD, 5, 0x1000, 0x2000, NULL), 0);
	ANSWER(struct uapi_iommu_ioas_copy answer = { .size = 40, .dst_iova = 0xfffff000, .src_iova = 1 });
	assert_int_equal(call_copy(), 0);
	assert_int_equal(results.u64, 0xfffff000);
	ANSWER(struct uapi_iommu_vfio_ioas answer = { .size = 12, .ioas_id = 42 });
	assert_int_equal(call_vfio_get(), 0);
	assert_int_equal(results.id, 42);
	ANSWER(struct uapi_vfio_device_bind_iommufd answer = { .argsz = 16, .out_devid = 3 });
	assert_int_equal(call_bind(), 0);
	assert_int_equal(results.id, 3);
	ANSWER(struct uapi_vfio_device_attach_iommufd_pt answer = { .argsz = 12, .pt_id = 6 });
	assert_int_equal(call_attach(), 0);
	assert_int_equal(results.id, 6);
	ANSWER(struct uapi_vfio_device_info answer = { 24, 0x82, 9, 5, 24, 0 });
	assert_int_equal(call_caps(), 0);
	assert_int_equal(results.caps.flags, 0x82);
	assert_int_equal(results.caps.regions, 9);
	assert_int_equal(results.caps.irqs, 5);
}

/* Without FIXED the address is the kernel's to choose: an old one must not be sent along. */
static void test_iova_only_where_fixed(void **state)
{
	const struct uapi_iommu_ioas_map *here = (const void *)kernel.sent;
	const struct uapi_iommu_ioas_map_file *file = (const void *)kernel.sent;
	uint64_t iova = 0x1000;

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.size = sizeof(*here);
	assert_int_equal(iommufd_ioas_map(FD, 5, IOMMUFD_MAP_READ, memory, 16, &iova), 0);
	assert_int_equal(here->iova, 0);
	iova = 0x1000;
	assert_int_equal(iommufd_ioas_map_file(FD, 5, IOMMUFD_MAP_READ, 8, 0, 16, &iova), 0);
	assert_int_equal(file->iova, 0);
	iova = 0x1000;
	assert_int_equal(iommufd_ioas_copy(FD, 5, 6, IOMMUFD_MAP_READ, 0, 16, &iova), 0);
	assert_int_equal(((const struct uapi_iommu_ioas_copy *)here)->dst_iova, 0);
	iova = 0x1000;
	assert_int_equal(iommufd_ioas_map_file(FD, 5, 7, -1, UINT64_MAX, UINT64_MAX, &iova), 0);
	assert_int_equal(file->iova, 0x1000);
	assert_int_equal(file->fd, -1);
	assert_int_equal(file->flags, 7);
	assert_int_equal(file->start, UINT64_MAX);
	assert_int_equal(file->length, UINT64_MAX);
}

/* A number that does not fit the kernel's member would quietly become another one. */
static void test_too_many_allowed(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.size = sizeof(struct uapi_iommu_ioas_allow_iovas);
	if (SIZE_MAX > UINT32_MAX)
		assert_int_equal(iommufd_ioas_allow(FD, 5, NULL, SIZE_MAX), -E2BIG);
	assert_int_equal(kernel.calls, 0);
	assert_int_equal(iommufd_ioas_allow(FD, 5, NULL, 0), 0);
	assert_int_equal(kernel.calls, 1);
}

/* --- ioas ranges: the one call where a failure is an answer ------------------------------------- */

static int ranges(size_t cap, int error, uint32_t num, uint64_t *alignment)
{
	struct uapi_iommu_ioas_iova_ranges answer = { .num_iovas = num, .out_iova_alignment = 4096 };
	int rc;

	memset(&kernel, 0, sizeof(kernel));
	kernel.answer = &answer;
	kernel.size = sizeof(answer);
	kernel.result = error ? -1 : 0;
	kernel.error = error;
	rc = iommufd_ioas_ranges(FD, 5, results.ranges, cap, alignment);
	kernel.answer = NULL;
	return rc;
}

static void test_ranges(void **state)
{
	const struct uapi_iommu_ioas_iova_ranges *sent = (const void *)kernel.sent;
	uint64_t alignment = 0;

	(void)state;
	assert_int_equal(ranges(3, 0, 2, &alignment), 2);
	assert_int_equal(alignment, 4096);
	assert_int_equal(sent->num_iovas, 3);
	alignment = 0;
	assert_int_equal(ranges(3, EMSGSIZE, 8, &alignment), 8); /* more than there is room for */
	assert_int_equal(alignment, 4096);
	assert_int_equal(ranges(0, EMSGSIZE, 8, NULL), 8);
	assert_int_equal(sent->num_iovas, 0);
	assert_int_equal(ranges(3, 0, 0, NULL), 0);
	assert_int_equal(ranges(SIZE_MAX, 0, 1, NULL), 1);
	assert_int_equal(sent->num_iovas, INT_MAX);
	assert_int_equal(ranges(3, EMSGSIZE, INT_MAX, NULL), INT_MAX);
}

static void test_ranges_that_do_not_fit_an_int(void **state)
{
	uint64_t alignment = MARK;

	(void)state;
	errno = 0;
	assert_int_equal(ranges(3, EMSGSIZE, (uint32_t)INT_MAX + 1, &alignment), -EOVERFLOW);
	assert_int_equal(errno, EOVERFLOW);
	assert_int_equal(alignment, MARK);
	assert_int_equal(ranges(3, ENOENT, 8, &alignment), -ENOENT);
	assert_int_equal(alignment, MARK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TESTS,
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_iova_only_where_fixed),
		cmocka_unit_test(test_too_many_allowed),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_ranges_that_do_not_fit_an_int),
	};

	WIRE_SETUP(wrappers, results);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
