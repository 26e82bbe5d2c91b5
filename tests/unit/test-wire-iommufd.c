/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wrappers of an iommufd's ioctls: what each sends, byte by byte, and what it makes of each answer. */
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "wire.h"

static struct {
	uint32_t id;
	int fd;
	uint64_t u64;
	struct iommufd_range ranges[3];
	struct iommufd_hw_info info;
	uint64_t bitmap[2];
	unsigned char data[16];
} results;

static char memory[16];

/* --- the rows --------------------------------------------------------------------------------------- */

static void test_objects(void **state)
{
	(void)state;
	CHECK(iommufd_destroy(FD, 0x11223344), DESTROY, 0x3b80, SENDS(uapi_iommu_destroy, 8, 0x11223344));
	CHECK(iommufd_option_get(FD, IOMMUFD_HUGE_PAGES, 9, &results.u64), OPTION_GET, 0x3b87,
	      SENDS(uapi_iommu_option, 24, 1, 1, 0, 9, 0),
	      BACK(uapi_iommu_option, .size = 24, .val64 = 0x123456789));
	assert_int_equal(results.u64, 0x123456789);
	CHECK(iommufd_option_set(FD, IOMMUFD_RLIMIT_MODE, 0, 1), OPTION_SET, 0x3b87,
	      SENDS(uapi_iommu_option, 24, 0, 0, 0, 0, 1));
	CHECK(iommufd_ioas_alloc(FD, &results.id), IOAS_ALLOC, 0x3b81, SENDS(uapi_iommu_ioas_alloc, 12, 0, 0),
	      BACK(uapi_iommu_ioas_alloc, 12, 0, 42));
	assert_int_equal(results.id, 42);
	CHECK(iommufd_ioas_change_process(FD), IOAS_CHANGE_PROCESS, 0x3b92,
	      SENDS(uapi_iommu_ioas_change_process, 8, 0));
	CHECK(iommufd_vfio_ioas_get(FD, &results.id), VFIO_IOAS_GET, 0x3b88,
	      SENDS(uapi_iommu_vfio_ioas, 12, 0, 0, 0), BACK(uapi_iommu_vfio_ioas, 12, 42, 0, 0));
	assert_int_equal(results.id, 42);
	CHECK(iommufd_vfio_ioas_set(FD, 6), VFIO_IOAS_SET, 0x3b88, SENDS(uapi_iommu_vfio_ioas, 12, 6, 1, 0));
	CHECK(iommufd_vfio_ioas_clear(FD), VFIO_IOAS_CLEAR, 0x3b88, SENDS(uapi_iommu_vfio_ioas, 12, 0, 2, 0));
}

static void test_mappings(void **state)
{
	uint64_t length;

	(void)state;
	CHECK(iommufd_ioas_ranges(FD, 5, results.ranges, 3, &results.u64), IOAS_RANGES, 0x3b84,
	      SENDS(uapi_iommu_ioas_iova_ranges, 32, 5, 3, 0, (uintptr_t)results.ranges, 0));
	CHECK(iommufd_ioas_map(FD, 5, IOMMUFD_MAP_FIXED | IOMMUFD_MAP_READ, memory, 0x3000, &results.u64),
	      IOAS_MAP, 0x3b85, SENDS(uapi_iommu_ioas_map, 40, 5, 5, 0, (uintptr_t)memory, 0x3000, MARK64),
	      BACK(uapi_iommu_ioas_map, .size = 40, .iova = 0xfffff000));
	assert_int_equal(results.u64, 0xfffff000);
	CHECK(iommufd_ioas_map_file(FD, 5, IOMMUFD_MAP_FIXED | IOMMUFD_MAP_WRITE, 8, 0x4000, 0x5000,
				    &results.u64),
	      IOAS_MAP_FILE, 0x3b8f, SENDS(uapi_iommu_ioas_map_file, 40, 3, 5, 8, 0x4000, 0x5000, MARK64),
	      BACK(uapi_iommu_ioas_map_file, .size = 40, .iova = 0xabcde000));
	assert_int_equal(results.u64, 0xabcde000);
	CHECK(iommufd_ioas_unmap(FD, 5, 0x1000, 0x2000, &results.u64), IOAS_UNMAP, 0x3b86,
	      SENDS(uapi_iommu_ioas_unmap, 24, 5, 0x1000, 0x2000),
	      BACK(uapi_iommu_ioas_unmap, .size = 24, .length = 0x7000));
	assert_int_equal(results.u64, 0x7000);
	assert_int_equal(iommufd_ioas_unmap(FD, 5, 0x1000, 0x2000, NULL), 0);
	CHECK(iommufd_ioas_copy(FD, 5, 6, IOMMUFD_MAP_FIXED | IOMMUFD_MAP_READ, 0x7000, 0x3000, &results.u64),
	      IOAS_COPY, 0x3b83, SENDS(uapi_iommu_ioas_copy, 40, 5, 5, 6, 0x3000, MARK64, 0x7000),
	      BACK(uapi_iommu_ioas_copy, .size = 40, .dst_iova = 0xfffff000, .src_iova = 1));
	assert_int_equal(results.u64, 0xfffff000);
	CHECK(iommufd_ioas_noiommu_pa(FD, 5, 0x7000, (length = 0x3000, &length), &results.u64),
	      IOAS_NOIOMMU_GET_PA, 0x3b95,
	      SENDS(uapi_iommu_ioas_noiommu_get_pa, 40, 0, 5, 0, 0x7000, 0x3000, 0),
	      BACK(uapi_iommu_ioas_noiommu_get_pa, .size = 40, .length = 0x1000, .out_phys = 0x123456000));
	assert_int_equal(results.u64, 0x123456000);
	assert_int_equal(length, 0x1000);
	CHECK(iommufd_ioas_allow(FD, 5, results.ranges, 2), IOAS_ALLOW, 0x3b82,
	      SENDS(uapi_iommu_ioas_allow_iovas, 24, 5, 2, 0, (uintptr_t)results.ranges));
}

static const struct iommufd_hwpt_config nest_parent = {
	.device = 1, .parent = 2, .flags = IOMMUFD_HWPT_NEST_PARENT,
};
static const struct iommufd_hwpt_config nested = {
	.device = 1, .parent = 3, .data_type = IOMMUFD_HWPT_DATA_VTD_S1, .data_length = 4, .data = memory,
};
static const struct iommufd_hwpt_config faulting = {
	.device = 1, .parent = 3, .flags = IOMMUFD_HWPT_FAULTS | IOMMUFD_HWPT_PASID, .fault = 9,
};

static void test_page_tables(void **state)
{
	(void)state;
	CHECK(iommufd_hwpt_alloc(FD, &nest_parent, &results.id), HWPT_ALLOC, 0x3b89,
	      SENDS(uapi_iommu_hwpt_alloc, 24, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0),
	      BACK(uapi_iommu_hwpt_alloc, .size = 24, .out_hwpt_id = 42));
	assert_int_equal(results.id, 42);
	CHECK(iommufd_hwpt_alloc(FD, &nested, &results.id), HWPT_ALLOC, 0x3b89,
	      SENDS(uapi_iommu_hwpt_alloc, 40, 0, 1, 3, 0, 0, 1, 4, (uintptr_t)memory, 0, 0));
	CHECK(iommufd_hwpt_alloc(FD, &faulting, &results.id), HWPT_ALLOC, 0x3b89,
	      SENDS(uapi_iommu_hwpt_alloc, 48, 12, 1, 3, 0, 0, 0, 0, 0, 9, 0));
	CHECK(iommufd_hwpt_set_dirty(FD, 4, 7), HWPT_SET_DIRTY, 0x3b8b,
	      SENDS(uapi_iommu_hwpt_set_dirty_tracking, 16, 1, 4, 0));
	CHECK(iommufd_hwpt_set_dirty(FD, 4, 0), HWPT_SET_DIRTY, 0x3b8b,
	      SENDS(uapi_iommu_hwpt_set_dirty_tracking, 16, 0, 4, 0));
	CHECK(iommufd_hwpt_dirty_bitmap(FD, 4, IOMMUFD_DIRTY_NO_CLEAR, 0x1000, 0x80000, 0x2000,
					results.bitmap),
	      HWPT_DIRTY_BITMAP, 0x3b8c, SENDS(uapi_iommu_hwpt_get_dirty_bitmap, 48, 4, 1, 0, 0x1000, 0x80000,
					       0x2000, (uintptr_t)results.bitmap));
	CHECK(iommufd_hwpt_invalidate(FD, 4, 1, memory, 16, &(uint32_t){ 2 }), HWPT_INVALIDATE, 0x3b8d,
	      SENDS(uapi_iommu_hwpt_invalidate, 32, 4, (uintptr_t)memory, 1, 16, 2, 0));
	CHECK(iommufd_hw_info(FD, 1, IOMMUFD_HW_INFO_TEGRA241_CMDQV, NULL, 0, &results.info), HW_INFO, 0x3b8a,
	      SENDS(uapi_iommu_hw_info, 40, 1, 1, 0, 0, 3, 0, { 0 }, 0));
	CHECK(iommufd_hw_info(FD, 1, 0, results.data, 16, &results.info), HW_INFO, 0x3b8a,
	      SENDS(uapi_iommu_hw_info, 40, 0, 1, 16, (uintptr_t)results.data, 0, 0, { 0 }, 0),
	      BACK(uapi_iommu_hw_info, 40, 0, 1, 24, 0, 1, 20, { 0 }, 7));
	assert_int_equal(results.info.type, IOMMUFD_HW_INFO_INTEL_VTD);
	assert_int_equal(results.info.length, 24);
	assert_int_equal(results.info.pasid_bits, 20);
	assert_int_equal(results.info.capabilities, 7);
}

static void test_queues_and_viommus(void **state)
{
	(void)state;
	CHECK(iommufd_fault_alloc(FD, &results.id, &results.fd), FAULT_ALLOC, 0x3b8e,
	      SENDS(uapi_iommu_fault_alloc, 16, 0, 0, 0), BACK(uapi_iommu_fault_alloc, 16, 0, 8, 700));
	assert_int_equal(results.id, 8);
	assert_int_equal(results.fd, 700);
	CHECK(iommufd_viommu_alloc(FD, 1, 2, 1, NULL, 0, &results.id), VIOMMU_ALLOC, 0x3b90,
	      SENDS(uapi_iommu_viommu_alloc, 24, 0, 1, 1, 2, 0, 0, 0, 0),
	      BACK(uapi_iommu_viommu_alloc, .size = 24, .out_viommu_id = 42));
	assert_int_equal(results.id, 42);
	CHECK(iommufd_viommu_alloc(FD, 1, 2, 2, memory, 8, &results.id), VIOMMU_ALLOC, 0x3b90,
	      SENDS(uapi_iommu_viommu_alloc, 40, 0, 2, 1, 2, 0, 8, 0, (uintptr_t)memory));
	CHECK(iommufd_vdevice_alloc(FD, 3, 1, 0x123456789, &results.id), VDEVICE_ALLOC, 0x3b91,
	      SENDS(uapi_iommu_vdevice_alloc, 24, 3, 1, 0, 0x123456789),
	      BACK(uapi_iommu_vdevice_alloc, .size = 24, .out_vdevice_id = 43));
	assert_int_equal(results.id, 43);
	CHECK(iommufd_veventq_alloc(FD, 3, 1, 64, &results.id, &results.fd), VEVENTQ_ALLOC, 0x3b93,
	      SENDS(uapi_iommu_veventq_alloc, 32, 0, 3, 1, 64, 0, 0, 0),
	      BACK(uapi_iommu_veventq_alloc, 32, 0, 3, 1, 64, 8, 700, 0));
	assert_int_equal(results.id, 8);
	assert_int_equal(results.fd, 700);
	CHECK(iommufd_hw_queue_alloc(FD, 3, 1, 5, 0x10000, 0x2000, &results.id), HW_QUEUE_ALLOC, 0x3b94,
	      SENDS(uapi_iommu_hw_queue_alloc, 40, 0, 3, 1, 5, 0, 0x10000, 0x2000),
	      BACK(uapi_iommu_hw_queue_alloc, .size = 40, .out_hw_queue_id = 44));
	assert_int_equal(results.id, 44);
}

/* --- what no row can say ---------------------------------------------------------------------------- */

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
		kernel_answers(NULL, sizeof(sent));
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

/* Without FIXED the address is the kernel's to choose: an old one must not be sent along. */
static void test_iova_only_where_fixed(void **state)
{
	const struct uapi_iommu_ioas_map *here = (const void *)kernel.sent;
	const struct uapi_iommu_ioas_map_file *file = (const void *)kernel.sent;
	const struct uapi_iommu_ioas_copy *copy = (const void *)kernel.sent;
	uint64_t iova = 0x1000;

	(void)state;
	kernel_answers(NULL, sizeof(*here));
	assert_int_equal(iommufd_ioas_map(FD, 5, IOMMUFD_MAP_READ, memory, 16, &iova), 0);
	assert_int_equal(here->iova, 0);
	iova = 0x1000;
	assert_int_equal(iommufd_ioas_map_file(FD, 5, IOMMUFD_MAP_READ, 8, 0, 16, &iova), 0);
	assert_int_equal(file->iova, 0);
	iova = 0x1000;
	assert_int_equal(iommufd_ioas_copy(FD, 5, 6, IOMMUFD_MAP_READ, 0, 16, &iova), 0);
	assert_int_equal(copy->dst_iova, 0);
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
	kernel_answers(NULL, sizeof(struct uapi_iommu_ioas_allow_iovas));
	if (SIZE_MAX > UINT32_MAX)
		assert_int_equal(iommufd_ioas_allow(FD, 5, NULL, SIZE_MAX), -E2BIG);
	assert_int_equal(kernel.calls, 0);
	assert_int_equal(iommufd_ioas_allow(FD, 5, NULL, 0), 0);
	assert_int_equal(kernel.calls, 1);
}

/* The one call where a failure is an answer: EMSGSIZE says how many there are. */
static void test_ranges(void **state)
{
	static const struct { size_t cap; int error; uint32_t num, sent; int rc; } cases[] = {
		{ 3, 0, 2, 3, 2 },
		{ 3, EMSGSIZE, 8, 3, 8 },
		{ 0, EMSGSIZE, 8, 0, 8 },
		{ 3, 0, 0, 3, 0 },
		{ SIZE_MAX, 0, 1, INT_MAX, 1 },
		{ 3, EMSGSIZE, INT_MAX, 3, INT_MAX },
		{ 3, EMSGSIZE, (uint32_t)INT_MAX + 1, 3, -EOVERFLOW },
		{ 3, ENOENT, 8, 3, -ENOENT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct uapi_iommu_ioas_iova_ranges answer = {
			.num_iovas = cases[i].num, .out_iova_alignment = 4096,
		};
		uint64_t alignment = MARK;

		for (unsigned int with = 0; with < 2; with++) {
			kernel_answers(&answer, sizeof(answer));
			kernel_refuses(cases[i].error);
			errno = 0;
			assert_int_equal(iommufd_ioas_ranges(FD, 5, results.ranges, cases[i].cap,
							     with ? &alignment : NULL), cases[i].rc);
			assert_true(cases[i].rc >= 0 || errno == -cases[i].rc);
			assert_int_equal(((const struct uapi_iommu_ioas_iova_ranges *)kernel.sent)->num_iovas,
					 cases[i].sent);
		}
		assert_int_equal(alignment, cases[i].rc >= 0 ? 4096 : MARK);
	}
}

/* A newer member is sent only where it is used: an older kernel takes the call. */
static void test_sizes(void **state)
{
	static const struct { struct iommufd_hwpt_config config; uint32_t size; } cases[] = {
		{ { .device = 1 }, 24 },
		{ { .flags = IOMMUFD_HWPT_NEST_PARENT | IOMMUFD_HWPT_PASID }, 24 },
		{ { .data_type = 1 }, 40 },
		{ { .data_length = 1 }, 40 },
		{ { .data = memory }, 40 },
		{ { .flags = IOMMUFD_HWPT_FAULTS }, 48 },
		{ { .fault = 1 }, 48 },
		{ { .fault = 1, .data_type = 1 }, 48 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		kernel_answers(NULL, 48);
		assert_int_equal(iommufd_hwpt_alloc(FD, &cases[i].config, &results.id), 0);
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

		kernel_answers(&answer, sizeof(answer));
		kernel_refuses(cases[i].error);
		assert_int_equal(iommufd_hwpt_invalidate(FD, 4, 0, memory, 16, &n), -cases[i].error);
		assert_int_equal(n, cases[i].n);
	}
}

/* The kernel gives the lowest fd there is: with stdin closed that is 0. */
static void test_low_fds_are_lifted(void **state)
{
	static const struct uapi_iommu_fault_alloc answer = { 16, 0, 8, STDIN_FILENO };
	const int saved = dup(STDIN_FILENO);

	(void)state;
	kernel_answers(&answer, sizeof(answer));
	close(STDIN_FILENO);
	assert_int_equal(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	assert_int_equal(iommufd_fault_alloc(FD, &results.id, &results.fd), 0);
	assert_true(results.fd > STDERR_FILENO);
	assert_int_equal(fcntl(results.fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), -1);
	close(results.fd);
	if (saved >= 0) {
		assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
		close(saved);
	}
}

/* An fd that cannot be handed out takes its queue along. */
static void test_nothing_stays_on_failure(void **state)
{
	static const struct uapi_iommu_fault_alloc answer = { 16, 0, 8, (uint32_t)-1 };

	(void)state;
	kernel_answers(&answer, sizeof(answer));
	kernel.size_after = sizeof(struct uapi_iommu_destroy);
	memset(&results, MARK, sizeof(results));
	assert_int_equal(iommufd_fault_alloc(FD, &results.id, &results.fd), -EBADF);
	assert_int_equal(errno, EBADF);
	assert_int_equal(kernel.calls, 2);
	assert_int_equal(kernel.request, UAPI_IOMMU_DESTROY);
	assert_int_equal(((const struct uapi_iommu_destroy *)kernel.sent)->id, 8);
	assert_int_equal(results.id, MARK32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_mappings),
		cmocka_unit_test(test_page_tables),
		cmocka_unit_test(test_queues_and_viommus),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_iova_only_where_fixed),
		cmocka_unit_test(test_too_many_allowed),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_invalidated),
		cmocka_unit_test(test_low_fds_are_lifted),
		cmocka_unit_test(test_nothing_stays_on_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
