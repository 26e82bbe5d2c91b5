/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attach, replace, detach of a PASID: no kernel of the lab has a device that can do it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "uapi/iommufd.h"
#include "uapi/vfio.h"
#include "persist/reconcile.h"
#include "follow.h"
#include "world.h"
#include "unit.h"

/* The PASIDs of the device, as the kernel has them. */
static struct slot {
	uint32_t number, pt; /* 0: free */
} slots[8];
static int refused; /* an errno, 0: nothing is */

static struct slot *find(uint32_t number)
{
	for (size_t i = 0; i < COUNT(slots); i++)
		if (slots[i].number == number)
			return &slots[i];
	return NULL;
}

static uint32_t pt_of(uint32_t number)
{
	return find(number) ? find(number)->pt : 0;
}

/* A second attach replaces, and an IOAS stands for a HWPT that the kernel makes: 40 more than its number. */
static int attach(struct uapi_vfio_device_attach_iommufd_pt *arg)
{
	struct slot *slot = find(arg->pasid) ? find(arg->pasid) : find(0);

	if (refused)
		return refused;
	assert_non_null(slot);
	arg->pt_id = arg->pt_id < 40 ? arg->pt_id + 40 : arg->pt_id;
	*slot = (struct slot){ arg->pasid, arg->pt_id };
	return 0;
}

static int detach(const struct uapi_vfio_device_detach_iommufd_pt *arg)
{
	struct slot *slot = find(arg->pasid);

	if (slot && !refused)
		*slot = (struct slot){ 0 };
	return refused;
}

static int answer(unsigned long request, void *arg)
{
	struct uapi_vfio_device_attach_iommufd_pt *set = arg;
	const struct uapi_vfio_device_detach_iommufd_pt *end = arg;

	if (request == UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT && set->flags & UAPI_VFIO_DEVICE_ATTACH_PASID)
		return attach(set);
	if (request == UAPI_IOMMU_GET_HW_INFO)
		return 0;
	if (request == UAPI_IOMMU_HWPT_ALLOC) {
		((struct uapi_iommu_hwpt_alloc *)arg)->out_hwpt_id = 50;
		return 0;
	}
	if (request == UAPI_VFIO_DEVICE_DETACH_IOMMUFD_PT && end->flags & UAPI_VFIO_DEVICE_DETACH_PASID)
		return detach(end);
	return TRUTH;
}

static int setup(void **state)
{
	struct world *world;

	world_setup(state);
	world = *state;
	memset(slots, 0, sizeof(slots));
	refused = 0;
	kernel.lie = answer;
	assert_int_equal(number_of(world, "ioas alloc --name a"), 1);
	assert_int_equal(number_of(world, "ioas alloc --name b"), 2);
	return command(world, "bind vfio2 --name nic");
}

/* Refused, with this hint. */
static void assert_hint(struct world *world, const char *line, int code, const char *message,
			const char *hint)
{
	assert_refused(world, line, code, message);
	assert_case(strstr(complained(world), hint), complained(world));
}

static void assert_shown(struct world *world, const char *pasids)
{
	char expected[256];

	snprintf(expected, sizeof(expected), "\"pasids\":[%s],\"ioas\"", pasids);
	assert_int_equal(command(world, "show --json"), EXIT_DONE);
	assert_true(is_json_line(printed(world)));
	assert_case(strstr(printed(world), expected), printed(world));
}

#define ON_A "{\"device\":\"vfio2\",\"pasid\":5,\"pt\":41,\"asked\":1}"
#define ON_B "{\"device\":\"vfio2\",\"pasid\":5,\"pt\":42,\"asked\":2}"

static void test_strict_rules(void **state)
{
	struct world *world = *state;

	assert_shown(world, "");
	assert_hint(world, "replace nic a --pasid 5", EXIT_FAILED, "there is nothing to replace (EINVAL)",
		       "hint: iommufdctl attach nic a --pasid 5\n");
	works(world, "{iommufdctl attach % % --pasid %}");
	assert_int_equal(pt_of(5), 41);
	assert_int_equal(number_of(world, "attach nic a --pasid 5"), 41);
	assert_shown(world, ON_A);
	assert_hint(world, "attach nic b --pasid 5", EXIT_FAILED, "attached to another page table (EBUSY)",
		       "hint: iommufdctl replace nic b --pasid 5\n");
	assert_int_equal(pt_of(5), 41);
	works(world, "{iommufdctl replace % % --pasid %}");
	assert_int_equal(pt_of(5), 42);
	assert_shown(world, ON_B);
	assert_int_equal(command(world, "detach nic --pasid 5"), EXIT_DONE);
	assert_int_equal(pt_of(5), 0);
	assert_shown(world, "");
	assert_int_equal(command(world, "detach nic --pasid 5"), EXIT_DONE);
}

/* The device's own page table is another matter. */
static void test_apart_from_the_device(void **state)
{
	struct world *world = *state;

	number_of(world, "attach nic a");
	number_of(world, "attach nic b --pasid 1048575");
	number_of(world, "attach nic b --pasid 5");
	assert_shown(world, "{\"device\":\"vfio2\",\"pasid\":1048575,\"pt\":42,\"asked\":2}," ON_B);
	assert_int_equal(command(world, "show"), EXIT_DONE);
	assert_non_null(strstr(printed(world), "\nDEVICE  PASID    PT  ASKED-PT\nvfio2   1048575  42  2\n"));
	assert_int_equal(command(world, "detach nic"), EXIT_DONE);
	assert_int_equal(pt_of(5), 42);
	assert_int_equal(command(world, "detach nic --pasid 1048575"), EXIT_DONE);
	assert_shown(world, ON_B);
	assert_int_equal(command(world, "unbind nic"), EXIT_DONE);
	assert_shown(world, "");
}

static void test_what_the_kernel_refuses(void **state)
{
	struct world *world = *state;

	refused = EOPNOTSUPP;
	assert_int_equal(command(world, "attach nic a --pasid 5"), EXIT_UNSUPPORTED);
	assert_shown(world, "");
	refused = 0;
	number_of(world, "attach nic a --pasid 5");
	refused = EINVAL;
	assert_int_equal(command(world, "replace nic b --pasid 5"), EXIT_FAILED);
	assert_shown(world, ON_A);
	assert_int_equal(command(world, "detach nic --pasid 5"), EXIT_FAILED);
	assert_shown(world, ON_A);
}

static void test_numbers(void **state)
{
	struct world *world = *state;
	static const char *const lines[] = {
		"attach nic a --pasid 0", "replace nic a --pasid 1048576", "detach nic --pasid 0",
	};

	for (size_t i = 0; i < COUNT(lines); i++)
		assert_hint(world, lines[i], EXIT_USAGE, "is not from 1 to 1048575", "hint: iommufdctl help");
	assert_hint(world, "attach nic a --pasid x", EXIT_USAGE, "--pasid: 'x' is no number", "hint: ");
}

static void test_who_keeps_it_busy(void **state)
{
	struct world *world = *state;

	number_of(world, "attach nic a --pasid 5");
	kernel.refused = UAPI_IOMMU_DESTROY;
	kernel.error = EBUSY;
	assert_int_equal(command(world, "destroy a"), EXIT_FAILED);
	works(world, "PASID % of '%' is attached to it: {iommufdctl detach % --pasid %}");
	kernel.refused = 0;
	ok(world, "destroy a");
}

/* The page table that the hint makes is of the IOAS that was meant. */
static void test_a_page_table_for_pasids(void **state)
{
	struct world *world = *state;

	refused = EINVAL;
	assert_fails(world, "attach nic b --pasid 5", EXIT_FAILED, "a page table not made for PASIDs");
	works(world, "page tables for it are made with: {iommufdctl hwpt alloc % % --pasid}");
	assert_string_equal(printed(world), "50\n");
	assert_int_equal(command(world, "show 50 --json"), EXIT_DONE);
	assert_non_null(strstr(printed(world), "\"parent\":2"));
	assert_fails(world, "attach nic 50 --pasid 5", EXIT_FAILED, "has no such PASID (EINVAL)");
	works(world, "'{iommufdctl hw-info %}' shows how many PASIDs there are");
}

static void test_a_device_that_notes_nothing(void **state)
{
	struct world *world = *state;

	number_of(world, "attach nic a");
	assert_fails(world, "dma-log start nic", EXIT_UNSUPPORTED, "the device cannot log its DMA");
	works(world, "where its IOMMU tracks what is written: {iommufdctl hwpt alloc % % --dirty}");
	assert_string_equal(printed(world), "50\n");
}

/* A process died between the ioctl and its record: what was acknowledged counts. */
static void test_settled(void **state)
{
	struct world *world = *state;
	struct device *nic;

	number_of(world, "attach nic a --pasid 5");
	number_of(world, "attach nic b --pasid 6");
	find(5)->pt = 42;
	*find(6) = (struct slot){ 0 };
	nic = (struct device *)object_by_name(&world->ctx, "nic");
	reconcile_device(&world->from.output, nic);
	assert_int_equal(pt_of(5), 41);
	assert_int_equal(pt_of(6), 42);
	refused = EINVAL;
	world->err.len = 0;
	reconcile_device(&world->from.output, nic);
	assert_non_null(strstr(complained(world), "'vfio2': "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_strict_rules), TEST(test_apart_from_the_device), TEST(test_what_the_kernel_refuses),
		TEST(test_numbers), TEST(test_who_keeps_it_busy), TEST(test_settled),
		TEST(test_a_page_table_for_pasids), TEST(test_a_device_that_notes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
