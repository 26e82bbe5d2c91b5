/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for types and flags, which number each becomes: also those that no IOMMU of the lab knows. */
#include <errno.h>
#include <string.h>

#include "uapi/iommufd.h"
#include "uapi/vfio.h"
#include "world.h"
#include "unit.h"

/* The last request, which fails: what it says is all that matters. */
static struct {
	unsigned long request;
	unsigned char bytes[64];
} sent;

static int note_request(unsigned long request, void *arg)
{
	uint32_t size;

	memcpy(&size, arg, sizeof(size));
	assert_in_range(size, 8, sizeof(sent.bytes));
	sent.request = request;
	memcpy(sent.bytes, arg, size);
	return EINVAL;
}

static int setup(void **state)
{
	struct world *world;

	world_setup(state);
	world = *state;
	assert_int_equal(command(world, "ioas alloc --name a"), EXIT_DONE);
	assert_int_equal(command(world, "bind vfio0 --name dev"), EXIT_DONE);
	kernel.lie = note_request;
	return 0;
}

#define HWPT "hwpt alloc dev a"
#define INVALIDATE "hwpt invalidate 40 --entry 1 --data hex:00 --type "
#define HW_INFO "hw-info dev --type "
#define AT(type, field) offsetof(struct uapi_##type, field)

static void test_each_word(void **state)
{
	static const struct {
		const char *line;
		unsigned long request;
		size_t at;
		uint32_t value;
	} cases[] = {
		{ HWPT, UAPI_IOMMU_HWPT_ALLOC, AT(iommu_hwpt_alloc, flags), 0 },
		{ HWPT " --nest-parent", UAPI_IOMMU_HWPT_ALLOC, AT(iommu_hwpt_alloc, flags), 1 },
		{ HWPT " --dirty", UAPI_IOMMU_HWPT_ALLOC, AT(iommu_hwpt_alloc, flags), 2 },
		{ HWPT " --fault 9", UAPI_IOMMU_HWPT_ALLOC, AT(iommu_hwpt_alloc, flags), 4 },
		{ HWPT " --fault 9", UAPI_IOMMU_HWPT_ALLOC, AT(iommu_hwpt_alloc, fault_id), 9 },
		{ HWPT " --pasid", UAPI_IOMMU_HWPT_ALLOC, AT(iommu_hwpt_alloc, flags), 8 },
		{ HWPT " --pasid --dirty", UAPI_IOMMU_HWPT_ALLOC, AT(iommu_hwpt_alloc, flags), 10 },
		{ HWPT, UAPI_IOMMU_HWPT_ALLOC, AT(iommu_hwpt_alloc, data_type), 0 },
		{ HWPT " --type vtd-s1 --data hex:00", UAPI_IOMMU_HWPT_ALLOC, AT(iommu_hwpt_alloc,
										 data_type), 1 },
		{ HWPT " --type arm-smmuv3 --data hex:00", UAPI_IOMMU_HWPT_ALLOC,
		  AT(iommu_hwpt_alloc, data_type), 2 },
		{ HWPT " --type amd-guest --data hex:00", UAPI_IOMMU_HWPT_ALLOC,
		  AT(iommu_hwpt_alloc, data_type), 3 },
		{ HWPT " --type 7 --data hex:0000", UAPI_IOMMU_HWPT_ALLOC, AT(iommu_hwpt_alloc, data_type),
		 7 },
		{ HWPT " --type 7 --data hex:0000", UAPI_IOMMU_HWPT_ALLOC, AT(iommu_hwpt_alloc, data_len),
		 2 },
		{ INVALIDATE "vtd-s1", UAPI_IOMMU_HWPT_INVALIDATE, AT(iommu_hwpt_invalidate, data_type), 0 },
		{ INVALIDATE "arm-smmuv3", UAPI_IOMMU_HWPT_INVALIDATE, AT(iommu_hwpt_invalidate, data_type),
		 1 },
		{ "hwpt invalidate 40 --type 5 --entry 8 --data hex:", UAPI_IOMMU_HWPT_INVALIDATE,
		  AT(iommu_hwpt_invalidate, data_type), 5 },
		{ "hwpt invalidate 40 --type 5 --entry 8 --data hex:", UAPI_IOMMU_HWPT_INVALIDATE,
		  AT(iommu_hwpt_invalidate, entry_num), 0 },
		{ "hwpt invalidate 40 --type 5 --entry 0 --data hex:", UAPI_IOMMU_HWPT_INVALIDATE,
		  AT(iommu_hwpt_invalidate, entry_len), 0 },
		{ "hw-info dev", UAPI_IOMMU_GET_HW_INFO, AT(iommu_hw_info, flags), 0 },
		{ HW_INFO "0", UAPI_IOMMU_GET_HW_INFO, AT(iommu_hw_info, flags), 0 },
		{ HW_INFO "intel-vtd", UAPI_IOMMU_GET_HW_INFO, AT(iommu_hw_info, flags),
		  UAPI_IOMMU_HW_INFO_FLAG_INPUT_TYPE },
		{ HW_INFO "intel-vtd", UAPI_IOMMU_GET_HW_INFO, AT(iommu_hw_info, out_data_type), 1 },
		{ HW_INFO "arm-smmuv3", UAPI_IOMMU_GET_HW_INFO, AT(iommu_hw_info, out_data_type), 2 },
		{ HW_INFO "tegra241-cmdqv", UAPI_IOMMU_GET_HW_INFO, AT(iommu_hw_info, out_data_type), 3 },
		{ HW_INFO "amd", UAPI_IOMMU_GET_HW_INFO, AT(iommu_hw_info, out_data_type), 4 },
		{ HW_INFO "77 --raw", UAPI_IOMMU_GET_HW_INFO, AT(iommu_hw_info, out_data_type), 77 },
		{ "viommu alloc dev 40 arm-smmuv3", UAPI_IOMMU_VIOMMU_ALLOC, AT(iommu_viommu_alloc, type),
		 1 },
		{ "viommu alloc dev 40 tegra241-cmdqv", UAPI_IOMMU_VIOMMU_ALLOC, AT(iommu_viommu_alloc,
										    type), 2 },
		{ "veventq alloc 50 arm-smmuv3", UAPI_IOMMU_VEVENTQ_ALLOC, AT(iommu_veventq_alloc, type), 1 },
		{ "veventq alloc 50 tegra241-cmdqv", UAPI_IOMMU_VEVENTQ_ALLOC, AT(iommu_veventq_alloc,
										  type), 2 },
		{ "hw-queue alloc 50 tegra241-cmdqv 3 0x1000 4K", UAPI_IOMMU_HW_QUEUE_ALLOC,
		  AT(iommu_hw_queue_alloc, type), 1 },
		{ "hw-queue alloc 50 tegra241-cmdqv 3 0x1000 4K", UAPI_IOMMU_HW_QUEUE_ALLOC,
		  AT(iommu_hw_queue_alloc, index), 3 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t value;

		memset(&sent, 0, sizeof(sent));
		assert_int_equal(command(*state, "%s", cases[i].line), EXIT_FAILED);
		assert_case(sent.request == cases[i].request, cases[i].line);
		memcpy(&value, sent.bytes + cases[i].at, sizeof(value));
		assert_case(value == cases[i].value, cases[i].line);
	}
}

static void test_states_of_migration(void **state)
{
	static const char *const states[] = {
		"error", "stop", "running", "stop-copy", "resuming", "running-p2p", "pre-copy", "pre-copy-p2p",
	};

	for (uint32_t i = 0; i < COUNT(states); i++) {
		uint32_t value;

		assert_int_equal(command(*state, "migration set dev %s", states[i]), EXIT_FAILED);
		memcpy(&value, sent.bytes + sizeof(struct uapi_vfio_device_feature), sizeof(value));
		assert_case(value == i, states[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_word, setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_states_of_migration, setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
