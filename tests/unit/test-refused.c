/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a verb with several objects: a failure names the one that it is about. */
#include <errno.h>
#include <string.h>

#include "uapi/iommufd.h"
#include "uapi/vfio.h"
#include "world.h"
#include "unit.h"

static int error; /* of all that makes something, but of an attach */
static bool device_is_there;

static int answer(unsigned long request, void *arg)
{
	(void)arg;
	switch (request) {
	case UAPI_IOMMU_GET_HW_INFO:
		return device_is_there ? 0 : ENOENT;
	case UAPI_IOMMU_IOAS_COPY:
	case UAPI_IOMMU_IOAS_ALLOW_IOVAS:
	case UAPI_IOMMU_HWPT_ALLOC:
	case UAPI_IOMMU_VIOMMU_ALLOC:
	case UAPI_IOMMU_VDEVICE_ALLOC:
	case UAPI_VFIO_DEVICE_FEATURE:
		return error;
	default:
		return TRUTH;
	}
}

static int setup(void **state)
{
	world_setup(state);
	ok(*state, "ioas alloc --name a");
	ok(*state, "ioas alloc --name b");
	ok(*state, "bind vfio0 --name nic");
	ok(*state, "mem create m 64K");
	kernel.lie = answer;
	device_is_there = true;
	return 0;
}

/* The object that the message of the line begins with. */
static void assert_names(struct world *world, const char *line, int code, const char *object)
{
	char expected[64];

	snprintf(expected, sizeof(expected), ": '%s': ", object);
	assert_fails(world, line, code, expected);
}

static void test_copy(void **state)
{
	static const struct {
		int error;
		const char *line, *object;
	} cases[] = {
		{ EEXIST, "ioas copy a b 0 4K --iova 0", "a" }, { EINVAL, "ioas copy a b 0 4K --iova 1", "a" },
		{ ENOSPC, "ioas copy a b 0 4K", "a" },		{ ENOMEM, "ioas copy a b 0 4K", "a" },
		{ ENOENT, "ioas copy 40 b 0 4K", "40" },	{ ENOENT, "ioas copy a 40 0 4K", "40" },
		{ ENOENT, "ioas copy a b 0 4K", "b" },		{ EPERM, "ioas copy a b 0 4K", "b" },
		{ EFAULT, "ioas copy a b 0 4K", "b" },		{ EINVAL, "ioas copy a b 0 0", "b" },
		{ EOVERFLOW, "ioas copy a b 0xfffffffffffff000 8K", "b" },
		{ EOVERFLOW, "ioas copy a b 0 8K --iova 0xfffffffffffff000", "a" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		error = cases[i].error;
		assert_names(*state, cases[i].line, EXIT_FAILED, cases[i].object);
	}
}

static void test_options(void **state)
{
	kernel.refused = UAPI_IOMMU_OPTION;
	kernel.error = EADDRINUSE;
	assert_names(*state, "option set huge-pages a off", EXIT_FAILED, "a");
	assert_names(*state, "option get huge-pages a", EXIT_FAILED, "a");
	kernel.error = EPERM;
	assert_names(*state, "option set rlimit-mode process", EXIT_FAILED, "rlimit-mode");
	assert_names(*state, "option get rlimit-mode", EXIT_FAILED, "rlimit-mode");
}

static void test_map(void **state)
{
	static const struct {
		int error;
		const char *line, *object;
	} cases[] = {
		{ EEXIST, "ioas map a m --iova 1M", "a" }, { EINVAL, "ioas map a m --iova 1M", "a" },
		{ ENOENT, "ioas map a m", "a" },	   { EOVERFLOW, "ioas map a m --iova 1M", "a" },
		{ ENOSPC, "ioas map a m", "a" },	   { ENOSPC, "ioas map a m --iova 1M", "m" },
		{ EFAULT, "ioas map a m", "m" },	   { ENOMEM, "ioas map a m", "m" },
		{ EBADF, "ioas map a m", "m" },
	};

	kernel.refused = UAPI_IOMMU_IOAS_MAP_FILE;
	for (size_t i = 0; i < COUNT(cases); i++) {
		kernel.error = cases[i].error;
		assert_names(*state, cases[i].line, EXIT_FAILED, cases[i].object);
	}
}

static void test_attach(void **state)
{
	assert_names(*state, "attach nic 40", EXIT_FAILED, "40");
	assert_names(*state, "attach nic 40 --pasid 5", EXIT_FAILED, "40");
	ok(*state, "attach nic a");
	assert_names(*state, "replace nic 40", EXIT_FAILED, "40");
	assert_names(*state, "attach nic b", EXIT_FAILED, "nic");
}

static void test_what_a_guest_is_given(void **state)
{
	static const struct {
		int error;
		bool there; /* the device */
		const char *line, *object;
	} cases[] = {
		{ EINVAL, true, "hwpt alloc nic 40", "40" },
		{ EOPNOTSUPP, true, "hwpt alloc nic a", "nic" },
		{ ENOENT, false, "hwpt alloc 30 a", "30" },
		{ ENOENT, false, "hwpt alloc 30 a --fault 50", "30" },
		{ ENOENT, true, "hwpt alloc nic a --fault 50", "50" },
		{ EINVAL, true, "viommu alloc nic 40 arm-smmuv3", "40" },
		{ ENOENT, true, "viommu alloc nic 40 arm-smmuv3", "40" },
		{ ENOENT, false, "viommu alloc 30 40 arm-smmuv3", "30" },
		{ EOPNOTSUPP, true, "viommu alloc nic 40 arm-smmuv3", "nic" },
		{ ENOENT, true, "vdevice alloc 50 nic 0", "50" },
		{ ENOENT, false, "vdevice alloc 50 30 0", "30" },
		{ EINVAL, true, "vdevice alloc 50 nic 0", "nic" },
		{ EEXIST, true, "vdevice alloc 50 nic 0", "nic" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		error = cases[i].error;
		device_is_there = cases[i].there;
		assert_names(*state, cases[i].line, error == EOPNOTSUPP ? EXIT_UNSUPPORTED : EXIT_FAILED,
			     cases[i].object);
	}
}

/* It is the queue's fd that cannot be written to; a cookie is wrong where the queue says so. */
static void test_answers_to_faults(void **state)
{
	assert_names(*state, "fault respond fd:999 7 success", EXIT_FAILED, "fd:999");
}

/* What has the form of a range is the kernel's to refuse. */
static void test_ranges(void **state)
{
	error = EINVAL;
	assert_fails(*state, "ioas allow a 4096-4096", EXIT_FAILED, "'a': a range is empty or a single byte");
	assert_fails(*state, "dma-log start nic 4096-4096", EXIT_FAILED, "'nic': ");
	assert_refused(*state, "ioas allow a 4K-", EXIT_USAGE, "'4K-' is no range: expected START-LAST");
	assert_refused(*state, "ioas allow a 8K-4K", EXIT_USAGE, "'8K-4K' is no range: it ends before");
	assert_refused(*state, "dma-log start nic 8K-4K", EXIT_USAGE, "'8K-4K' is no range: it ends before");
}

static void test_what_would_not_last(void **state)
{
	struct world *world = *state;

	world->ctx.kind = CONTEXT_INHERITED;
	assert_refused(world, "fault alloc", EXIT_USAGE, "fault alloc: this queue would be gone");
	assert_refused(world, "veventq alloc 1 2", EXIT_USAGE, "veventq alloc: this queue would be gone");
	assert_refused(world, "mem create n 4K", EXIT_USAGE, "mem create: this memory would be gone");
	world->ctx.kind = CONTEXT_LASTING;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_copy), TEST(test_options), TEST(test_map), TEST(test_attach),
		TEST(test_what_a_guest_is_given), TEST(test_answers_to_faults), TEST(test_ranges),
		TEST(test_what_would_not_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
