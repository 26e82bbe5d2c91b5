/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every call checks first, and IOASes without a device. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "calls.h"
#include "uapi/iommufd.h"
#include "uapi/vfio.h"
#include "unit.h"

/* --- the order of the checks ------------------------------------------------------------------------- */

/* A call with several mistakes: the first one is told. */
struct mistakes {
	const char *name;
	unsigned long request;
	uint32_t size;
	uint32_t second; /* the word behind it */
	uint32_t beyond; /* behind what is known */
	long rc;
};

static void test_order(void **state)
{
	static const struct mistakes cases[] = {
		{ "no such number, too short", UAPI_IO(0x9f), 0, 0, 0, -ENOTTY },
		{ "of another type, too short", 0x3c81, 0, 0, 0, -ENOTTY },
		{ "too short, flags", UAPI_IOMMU_IOAS_ALLOC, 11, 1, 0, -EINVAL },
		{ "too long, flags", UAPI_IOMMU_IOAS_ALLOC, 64, 1, 1, -E2BIG },
		{ "long, and zero", UAPI_IOMMU_IOAS_ALLOC, 64, 0, 0, 0 },
		{ "flags", UAPI_IOMMU_IOAS_ALLOC, 12, 1, 0, -EOPNOTSUPP },
		{ "map: flags, no such IOAS", UAPI_IOMMU_IOAS_MAP, 40, 8, 0, -EOPNOTSUPP },
		{ "map: neither read nor write, no such IOAS", UAPI_IOMMU_IOAS_MAP, 40, 0, 0, -EINVAL },
		{ "map: no such IOAS, length 0", UAPI_IOMMU_IOAS_MAP, 40, 4, 0, -ENOENT },
		{ "destroy: id 0", UAPI_IOMMU_DESTROY, 8, 0, 0, -ENOENT },
	};
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t words[16] = { cases[i].size, cases[i].second };

		words[15] = cases[i].beyond;
		assert_case(on_iommufd(&bench, cases[i].request, words) == cases[i].rc, cases[i].name);
	}
	assert_int_equal(sim_iommufd_ioctl(bench.context, UAPI_IOMMU_DESTROY, 8, &bench.world.caller),
			 -EFAULT);
	assert_int_equal(sim_iommufd_ioctl(bench.context, UAPI_IO(0x9f), 8, &bench.world.caller), -EFAULT);
	assert_int_equal(sim_iommufd_ioctl(bench.context, UAPI_IO(0x7f), 8, &bench.world.caller), -ENOTTY);
	bench_close(&bench);
}

/* With a size of 4 the kernel says EINVAL to what it knows. */
static void test_versions(void **state)
{
	static const struct {
		const char *kernel;
		unsigned long last;
	} cases[] = { { "6.6", 0x8a }, { "6.12", 0x8e }, { "7.2", 0x94 } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench bench;

		assert_string_equal(sim_kernel_name(i), cases[i].kernel);
		bench_open(&bench, cases[i].kernel);
		for (unsigned long nr = 0x80; nr <= 0xa0; nr++) {
			uint32_t size = 4;

			assert_int_equal(on_iommufd(&bench, UAPI_IO(nr), &size),
					 nr <= cases[i].last ? -EINVAL : -ENOTTY);
		}
		bench_close(&bench);
	}
	assert_null(sim_kernel_name(COUNT(cases)));
	assert_null(sim_new("5.10"));
}

/* What cannot be answered has not happened. */
static void test_bad_address(void **state)
{
	struct uapi_iommu_ioas_alloc *arg;
	struct bench bench;

	(void)state;
	bench_open(&bench, "7.2");
	arg = (struct uapi_iommu_ioas_alloc *)(void *)bench.memory;
	memset(arg, 0, sizeof(*arg));
	arg->size = sizeof(*arg);
	assert_int_equal(mprotect(arg, PAGE_SIZE, PROT_READ), 0);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_ALLOC, arg), -EFAULT);
	assert_int_equal(mprotect(arg, PAGE_SIZE, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(destroy(&bench, 1), -ENOENT);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_ALLOC, arg), 0);
	assert_int_equal(arg->out_ioas_id, 1);
	bench_close(&bench);
}

/* --- mapping ----------------------------------------------------------------------------------------- */

static void test_fixed(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	assert_int_equal(new_ioas(&bench), 1);
	assert_int_equal(map_fixed(&bench, 1, 0, 2, 0x10000), 0);
	assert_int_equal(map_fixed(&bench, 1, 0, 1, 0x11000), -EEXIST);
	assert_int_equal(map_fixed(&bench, 1, 0, 1, 0x12000), 0);
	assert_int_equal(map_fixed(&bench, 1, 0, 2, UINT64_MAX - 0xfff), -EOVERFLOW);
	assert_int_equal(map_fixed(&bench, 1, 0, 0, 0x20000), -EINVAL);
	assert_int_equal(unmap(&bench, 1, 0x11000, 0x2000), -ENOENT); /* the middle of one */
	assert_int_equal(unmap(&bench, 1, 0x10000, 0x1000), -ENOENT);
	assert_int_equal(unmap(&bench, 1, 0x30000, 0x1000), -ENOENT); /* nothing there */
	assert_int_equal(unmap(&bench, 1, 0x10000, 0), -EINVAL);
	assert_int_equal(unmap(&bench, 1, 0, 0x13000), 0x3000);
	assert_int_equal(unmap(&bench, 1, 0, UINT64_MAX), 0);
	assert_int_equal(map_fixed(&bench, 1, 0, 1, 0x11000), 0);
	bench_close(&bench);
}

/* The kernel's choice: the lowest hole, as aligned as the memory is, never 0, only of what is allowed. */
static void test_choice(void **state)
{
	struct uapi_iommu_iova_range ranges[2] = { { 0x40000, 0x41fff }, { 0x80000, 0x8ffff } };
	struct uapi_iommu_ioas_allow_iovas allow = { sizeof(allow), 1, 2, 0, (uintptr_t)ranges };
	struct uapi_iommu_ioas_map map = {
		.size = sizeof(map), .flags = R, .ioas_id = 1, .length = PAGE_SIZE
	};
	struct bench bench;

	(void)state;
	bench_open(&bench, "7.2");
	new_ioas(&bench);
	assert_int_equal(map_anywhere(&bench, 1, 0, 1), 0x1000);
	assert_int_equal(map_anywhere(&bench, 1, 0, 1), 0x2000);
	assert_int_equal(unmap(&bench, 1, 0x1000, 0x1000), 0x1000);
	assert_int_equal(map_anywhere(&bench, 1, 0, 1), 0x1000);
	map.user_va = (uintptr_t)bench.memory + 0x123; /* the same place within a page */
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_MAP, &map), 0);
	assert_int_equal(map.iova, 0x3123);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_ALLOW_IOVAS, &allow), 0);
	assert_int_equal(map_anywhere(&bench, 1, 0, 2), 0x40000);
	assert_int_equal(map_anywhere(&bench, 1, 0, 1), 0x80000);
	assert_int_equal(map_fixed(&bench, 1, 0, 1, 0x10000), 0); /* what is fixed is not held to it */
	ranges[1].start = 0x41000;
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_ALLOW_IOVAS, &allow), -EINVAL);
	allow.num_iovas = 0;
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_ALLOW_IOVAS, &allow), 0);
	assert_int_equal(map_anywhere(&bench, 1, 0, 1), 0x5000);
	bench_close(&bench);
}

/* Many one behind the other, and holes of which most are too small. */
static void test_choice_of_many(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	new_ioas(&bench);
	for (int i = 1; i <= 1000; i++)
		assert_int_equal(map_anywhere(&bench, 1, i % PAGES, 1), i * PAGE_SIZE);
	for (int i = 10; i < 1000; i += 10)
		assert_int_equal(unmap(&bench, 1, (uint64_t)i * PAGE_SIZE, PAGE_SIZE), PAGE_SIZE);
	assert_int_equal(unmap(&bench, 1, 501ull * PAGE_SIZE, PAGE_SIZE), PAGE_SIZE);
	assert_int_equal(map_anywhere(&bench, 1, 0, 2), 500 * PAGE_SIZE);
	assert_int_equal(map_anywhere(&bench, 1, 0, 1), 10 * PAGE_SIZE);
	bench_close(&bench);
}

static void test_copy(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "7.2");
	new_ioas(&bench);
	new_ioas(&bench);
	map_fixed(&bench, 1, 0, 2, 0x10000);
	map_fixed(&bench, 1, 5, 2, 0x12000);
	assert_int_equal(copy_ioas(&bench, 2, 0x100000, 1, 0x11000, 2 * PAGE_SIZE), 0); /* across two */
	assert_int_equal(copy_ioas(&bench, 2, 0x101000, 1, 0x11000, PAGE_SIZE), -EEXIST);
	assert_int_equal(copy_ioas(&bench, 2, 0x200000, 1, 0x13000, 2 * PAGE_SIZE), -ENOENT);
	assert_int_equal(copy_ioas(&bench, 2, 0x200000, 1, 0x10000, 0), -EINVAL);
	assert_int_equal(copy_ioas(&bench, 9, 0x200000, 1, 0x10000, PAGE_SIZE), -ENOENT);
	assert_int_equal(destroy(&bench, 1), 0);
	assert_int_equal(unmap(&bench, 2, 0x100000, 2 * PAGE_SIZE), 2 * PAGE_SIZE);
	bench_close(&bench);
}

static void test_ranges_and_options(void **state)
{
	struct uapi_iommu_iova_range list[4];
	struct uapi_iommu_ioas_iova_ranges ranges = { sizeof(ranges), 1, 0, 0, (uintptr_t)list, 0 };
	struct uapi_iommu_option option = { .size = sizeof(option), .option_id = 1, .object_id = 1, .op = 1 };
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	new_ioas(&bench);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_IOVA_RANGES, &ranges), -EMSGSIZE);
	assert_int_equal(ranges.num_iovas, 1);
	assert_int_equal(ranges.out_iova_alignment, 1);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_IOVA_RANGES, &ranges), 0);
	assert_int_equal(list[0].last, UINT64_MAX);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_OPTION, &option), 0);
	assert_int_equal(option.val64, 1);
	option.op = 0;
	option.val64 = 0;
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_OPTION, &option), 0);
	on_iommufd(&bench, UAPI_IOMMU_IOAS_IOVA_RANGES, &ranges);
	assert_int_equal(ranges.out_iova_alignment, PAGE_SIZE);
	option = (struct uapi_iommu_option){ .size = sizeof(option), .val64 = 1 };
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_OPTION, &option), -EBUSY); /* there is an object */
	bench.world.limits.sys_resource = false;
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_OPTION, &option), -EPERM);
	bench_close(&bench);
}

/* --- as a VFIO container ----------------------------------------------------------------------------- */

static void test_container(void **state)
{
	struct uapi_iommu_vfio_ioas set = { sizeof(set), 1, UAPI_IOMMU_VFIO_IOAS_SET, 0 };
	struct {
		uint32_t argsz, flags;
		uint64_t vaddr, iova, size;
	} map = { 32, 3, 0, 0x10000, 4 * PAGE_SIZE };
	struct { uint32_t argsz, flags; uint64_t iova, size; } unmap_dma = { 24, 0, 0x11000, PAGE_SIZE };
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	map.vaddr = (uintptr_t)bench.memory;
	assert_int_equal(on_iommufd(&bench, UAPI_IO(113), &map), -ENODEV);
	new_ioas(&bench);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_VFIO_IOAS, &set), 0);
	assert_int_equal(on_iommufd(&bench, UAPI_IO(113), &map), 0);
	assert_int_equal(on_iommufd(&bench, UAPI_IO(114), &unmap_dma), -ENOENT);
	assert_int_equal(on_iommufd(&bench, UAPI_IO(102), (void *)1), 0); /* TYPE1: within mappings, too */
	unmap_dma.size = PAGE_SIZE;
	assert_int_equal(on_iommufd(&bench, UAPI_IO(114), &unmap_dma), 0);
	assert_int_equal(unmap_dma.size, PAGE_SIZE);
	assert_int_equal(unmap(&bench, 1, 0, UINT64_MAX), 3 * PAGE_SIZE);
	assert_int_equal(destroy(&bench, 1), 0);
	assert_int_equal(on_iommufd(&bench, UAPI_IO(113), &map), -ENODEV);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),	       cmocka_unit_test(test_versions),
		cmocka_unit_test(test_bad_address),    cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_choice),	       cmocka_unit_test(test_choice_of_many),
		cmocka_unit_test(test_copy),	       cmocka_unit_test(test_ranges_and_options),
		cmocka_unit_test(test_container),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
