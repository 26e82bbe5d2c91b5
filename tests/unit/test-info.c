/* SPDX-License-Identifier: GPL-2.0-or-later */
/* info, hw-info: each flag has its name, also those that no device of the lab has. */
#include <errno.h>
#include <string.h>

#include "uapi/iommufd.h"
#include "uapi/vfio.h"
#include "world.h"
#include "unit.h"

/* What the device and its IOMMU say of themselves: lies. */
static struct {
	uint32_t flags, atomic, region, caps, irq;
	uint32_t feature, access; /* the one that it has, and how */
	uint64_t migration, hw;
	uint32_t hw_type;
	bool loop; /* in the chain of capabilities */
	bool has_bus; /* with others that are reset with it */
} device;

struct atomic_cap {
	struct uapi_vfio_info_cap_header header;
	uint32_t sizes;
};

/* An answer with a chain of capabilities: only whoever has room for it gets it. */
static void put_chain(void *arg, size_t base, uint32_t *cap_offset, const void *chain, size_t length)
{
	uint32_t *argsz = arg;

	*cap_offset = *argsz >= base + length ? (uint32_t)base : 0;
	if (*cap_offset)
		memcpy((char *)arg + base, chain, length);
	*argsz = (uint32_t)(base + length);
}

static int device_info(struct uapi_vfio_device_info *arg)
{
	const struct atomic_cap cap = { { IOMMUFD_DEVICE_CAP_PCI_ATOMIC, 1, 0 }, device.atomic };

	arg->flags = device.flags;
	arg->num_regions = 2;
	arg->num_irqs = 2;
	if (device.flags & IOMMUFD_DEVICE_CAPS)
		put_chain(arg, sizeof(*arg), &arg->cap_offset, &cap, sizeof(cap));
	return 0;
}

/* The first has capabilities, the second has no size. */
static int region_info(struct uapi_vfio_region_info *arg)
{
	struct {
		struct uapi_vfio_info_cap_header header;
		uint32_t data[4];
	} chain[3] = { 0 };
	size_t n = 0, at = sizeof(*arg);

	arg->flags = device.region;
	arg->size = arg->index ? 0 : 8192;
	arg->offset = 0x70000000000;
	for (uint16_t id = 1; id <= 3; id++)
		if (device.caps & 1U << id)
			chain[n++].header.id = id;
	for (size_t i = 0; i < n; i++)
		chain[i].header.next = i + 1 < n ? (uint32_t)(at + (i + 1) * sizeof(*chain)) : 0;
	if (device.loop)
		chain[n - 1].header.next = (uint32_t)at;
	if (device.region & IOMMUFD_REGION_CAPS)
		put_chain(arg, at, &arg->cap_offset, chain, n * sizeof(*chain));
	return 0;
}

static int feature(struct uapi_vfio_device_feature *arg)
{
	uint32_t access = (arg->flags & UAPI_VFIO_DEVICE_FEATURE_GET ? IOMMUFD_FEATURE_GET : 0) |
			  (arg->flags & UAPI_VFIO_DEVICE_FEATURE_SET ? IOMMUFD_FEATURE_SET : 0);

	if ((arg->flags & UAPI_VFIO_DEVICE_FEATURE_MASK) != device.feature || access & ~device.access)
		return ENOTTY;
	if (!(arg->flags & UAPI_VFIO_DEVICE_FEATURE_PROBE))
		memcpy(arg + 1, &device.migration, sizeof(device.migration));
	return 0;
}

static int hw_info(struct uapi_iommu_hw_info *arg)
{
	arg->out_data_type = device.hw_type;
	arg->out_capabilities = device.hw;
	arg->out_max_pasid_log2 = 20;
	arg->data_len = 0;
	return 0;
}

static int hot_reset_info(struct uapi_vfio_pci_hot_reset_info *arg)
{
	static const struct iommufd_reset_device devices[] = {
		{ .id = 5, .bus = 2 }, { .id = IOMMUFD_RESET_OWNED, .bus = 2, .devfn = 1 },
		{ .id = IOMMUFD_RESET_NOT_OWNED, .bus = 2, .devfn = 0xff },
	};

	arg->count = COUNT(devices);
	memcpy(arg + 1, devices, sizeof(devices));
	return 0;
}

static int say(unsigned long request, void *arg)
{
	struct uapi_vfio_irq_info *irq = arg;
	switch (request) {
	case UAPI_VFIO_DEVICE_GET_INFO:
		return device_info(arg);
	case UAPI_VFIO_DEVICE_GET_REGION_INFO:
		return region_info(arg);
	case UAPI_VFIO_DEVICE_GET_IRQ_INFO:
		irq->flags = device.irq;
		irq->count = irq->index ? 0 : 1;
		return 0;
	case UAPI_VFIO_DEVICE_FEATURE:
		return feature(arg);
	case UAPI_IOMMU_GET_HW_INFO:
		return hw_info(arg);
	case UAPI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO:
		return device.has_bus ? hot_reset_info(arg) : ENOTTY;
	case UAPI_VFIO_DEVICE_RESET:
	case UAPI_VFIO_DEVICE_PCI_HOT_RESET:
		return ENOTTY;
	default:
		return TRUTH;
	}
}

static int setup(void **state)
{
	struct world *world;

	world_setup(state);
	world = *state;
	memset(&device, 0, sizeof(device));
	device.feature = UINT32_MAX;
	kernel.lie = say;
	return command(world, "bind vfio0 --name dev");
}

/* The JSON of line has this key with this value; "-" is null. */
static void assert_value(struct world *world, const char *line, const char *key, const char *value)
{
	char expected[128];

	snprintf(expected, sizeof(expected), strcmp(value, "-") == 0 ? "\"%s\":null" : "\"%s\":\"%s\"", key,
		 value);
	if (command(world, "%s --json", line) != EXIT_DONE)
		fail_msg("%s: %s", line, complained(world));
	assert_true(is_json_line(printed(world)));
	if (!strstr(printed(world), expected))
		fail_msg("%s is not in %s", expected, printed(world));
}

/* The names of the bits that are set, or what stands for none. */
static const char *join(uint32_t bits, const char *const *names, const char *none)
{
	static char text[128];

	text[0] = '\0';
	for (size_t i = 0; names[i]; i++)
		if (bits & 1U << i)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", *text ? "," : "",
				 names[i]);
	return *text ? text : none;
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void test_bus(void **state)
{
	static const struct { uint32_t flag; const char *name; } buses[] = {
		{ IOMMUFD_DEVICE_PCI, "pci" }, { IOMMUFD_DEVICE_PLATFORM, "platform" },
		{ IOMMUFD_DEVICE_AMBA, "amba" }, { IOMMUFD_DEVICE_CCW, "ccw" }, { IOMMUFD_DEVICE_AP, "ap" },
		{ IOMMUFD_DEVICE_FSL_MC, "fsl-mc" }, { IOMMUFD_DEVICE_CDX, "cdx" }, { 0, "-" },
	};

	for (size_t i = 0; i < COUNT(buses); i++) {
		device.flags = buses[i].flag;
		assert_value(*state, "info dev", "bus", buses[i].name);
		assert_value(*state, "info dev", "reset", "no");
		device.flags |= IOMMUFD_DEVICE_RESET;
		assert_value(*state, "info dev", "bus", buses[i].name);
		assert_value(*state, "info dev", "reset", "yes");
	}
}

static void test_flags_of_a_device(void **state)
{
	for (uint32_t bits = 0; bits < 8; bits++) {
		device.flags = IOMMUFD_DEVICE_PCI | IOMMUFD_DEVICE_CAPS;
		device.atomic = bits;
		assert_value(*state, "info dev", "atomic", join(bits, NAMES("32", "64", "128"), "-"));
		device.feature = IOMMUFD_FEATURE_MIGRATION;
		device.access = IOMMUFD_FEATURE_GET;
		device.migration = bits;
		if (bits)
			assert_value(*state, "info dev", "migration",
				     join(bits, NAMES("stop-copy", "p2p", "pre-copy"), ""));
	}
}

static void test_flags_of_a_region(void **state)
{
	static const char *const access[] = { "", "r", "w", "rw", "m", "rm", "wm", "rwm" };

	for (uint32_t bits = 1; bits < 8; bits++) {
		device.region = bits;
		assert_value(*state, "info dev", "access", access[bits]);
		assert_value(*state, "info dev", "caps", "-");
		device.region |= IOMMUFD_REGION_CAPS;
		device.caps = bits << 1;
		assert_value(*state, "info dev", "caps",
			     join(bits, NAMES("sparse-mmap", "type", "msix-mappable"), "-"));
	}
}

static void test_flags_of_an_interrupt(void **state)
{
	for (uint32_t bits = 1; bits < 16; bits++) {
		device.irq = bits;
		assert_value(*state, "info dev", "flags",
			     join(bits, NAMES("eventfd", "maskable", "automasked", "noresize"), ""));
	}
}

static void test_each_feature(void **state)
{
	static const char *const names[] = {
		"pci-vf-token", "migration", "migration-state", "low-power-entry", "low-power-wakeup",
		"low-power-exit", "dma-logging-start", "dma-logging-stop", "dma-logging-report",
		"migration-data-size", "bus-master", "dma-buf", "migration-precopy-v2", "zpci-error",
	};
	char row[96];

	for (uint32_t i = 0; i < COUNT(names); i++)
		for (uint32_t access = 0; access < 4; access++) {
			device.feature = i;
			device.access = access;
			snprintf(row, sizeof(row),
				 "\"features\":[{\"feature\":\"%s\",\"get\":\"%s\",\"set\":\"%s\"}]", names[i],
				 access & IOMMUFD_FEATURE_GET ? "yes" : "no",
				 access & IOMMUFD_FEATURE_SET ? "yes" : "no");
			assert_int_equal(command(*state, "info dev --json"), EXIT_DONE);
			assert_case(strstr(printed(*state), row), row);
		}
}

static void test_a_chain_without_end(void **state)
{
	struct world *world = *state;

	device.region = IOMMUFD_REGION_CAPS;
	device.caps = 1U << IOMMUFD_REGION_CAP_TYPE | 1U << IOMMUFD_REGION_CAP_MSIX_MAPPABLE;
	device.loop = true;
	assert_int_equal(command(world, "info dev"), EXIT_FAILED);
	assert_int_equal(world->out.len, 0);
	assert_non_null(strstr(complained(world), "(EBADMSG)"));
}

static void test_hw_info(void **state)
{
	static const struct { const char *key; uint64_t bit; } caps[] = {
		{ "dirty_tracking", IOMMUFD_HW_CAP_DIRTY_TRACKING },
		{ "pasid_exec", IOMMUFD_HW_CAP_PASID_EXEC },
		{ "pasid_priv", IOMMUFD_HW_CAP_PASID_PRIV },
	};

	for (uint64_t bits = 0; bits < 16; bits++) {
		device.hw = bits;
		for (size_t i = 0; i < COUNT(caps); i++)
			assert_value(*state, "hw-info dev", caps[i].key, bits & caps[i].bit ? "yes" : "no");
		assert_value(*state, "hw-info dev", "pci_ats", bits & IOMMUFD_HW_CAP_NO_PCI_ATS ? "no" : "-");
		assert_non_null(strstr(printed(*state), "\"max_pasid_bits\":20,"));
	}
}

static void test_types_of_iommu(void **state)
{
	static const char *const types[] = { "none", "intel-vtd", "arm-smmuv3", "tegra241-cmdqv", "amd",
					    "-" };

	for (device.hw_type = 0; device.hw_type < COUNT(types); device.hw_type++)
		assert_value(*state, "hw-info dev", "type", types[device.hw_type]);
}

/* What a PCI device's reset answers with ENOTTY to is done already: that of another device never began. */
static void test_what_does_not_come_back(void **state)
{
	static const char *const lines[] = { "reset dev", "hot-reset dev" };

	ok(*state, "bind vfio10 --name tty");
	device.flags = IOMMUFD_DEVICE_PCI;
	for (size_t i = 0; i < COUNT(lines); i++)
		assert_fails(*state, lines[i], EXIT_FAILED,
			     "'dev': it was reset, but did not come back in time (ENOTTY)\n"
			     "hint: the kernel's log tells what became of it: dmesg");
	assert_fails(*state, "reset tty", EXIT_UNSUPPORTED, "'tty': the device has no reset of its own (ENOTTY)");
	assert_fails(*state, "hot-reset tty", EXIT_UNSUPPORTED, "'tty': an emulated device is not on a bus");
	assert_fails(*state, "hot-reset dev --info", EXIT_UNSUPPORTED, "only PCI devices have a slot or bus");
	device.flags = IOMMUFD_DEVICE_PLATFORM;
	assert_fails(*state, "reset dev", EXIT_UNSUPPORTED, "'dev': the device has no reset of its own (ENOTTY)");
	assert_fails(*state, "hot-reset dev", EXIT_UNSUPPORTED, "'dev': only PCI devices have a slot or bus");
}

static void test_hint_of_hot_reset(void **state)
{
	kernel.refused = UAPI_VFIO_DEVICE_PCI_HOT_RESET;
	kernel.error = EINVAL;
	assert_fails(*state, "hot-reset dev", EXIT_FAILED, "'iommufdctl hot-reset dev --info' lists them");
}

/* Each device that would be reset with it, and whether it is in the way. */
static void test_owners_of_hot_reset(void **state)
{
	kernel.refused = UAPI_VFIO_DEVICE_PCI_HOT_RESET;
	kernel.error = EINVAL;
	device.has_bus = true;
	assert_fails(*state, "hot-reset dev", EXIT_FAILED,
		     "iommufdctl: hot-reset: 0000:02:00.0: owned, as 5\n"
		     "iommufdctl: hot-reset: 0000:02:00.1: owned through its IOMMU group\n"
		     "iommufdctl: hot-reset: 0000:02:1f.7: not owned (no driver)\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bus), TEST(test_flags_of_a_device), TEST(test_flags_of_a_region),
		TEST(test_flags_of_an_interrupt), TEST(test_each_feature), TEST(test_a_chain_without_end),
		TEST(test_hw_info), TEST(test_types_of_iommu), TEST(test_what_does_not_come_back),
		TEST(test_hint_of_hot_reset), TEST(test_owners_of_hot_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
