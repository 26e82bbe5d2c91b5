/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of a machine, in trees that are laid out as machines of each sort have /sys and /proc. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "machine/group.h"
#include "machine/iommu.h"
#include "machine/limits.h"
#include "machine/users.h"
#include "tree.h"
#include "unit.h"
#include "util/process.h"

/* ---- the IOMMU ---- */

static void test_which_iommu_the_firmware_has(void **state)
{
	static const struct {
		const char *table;
		enum machine_firmware firmware;
	} tables[] = {
		{ "DMAR", FIRMWARE_INTEL }, { "IVRS", FIRMWARE_AMD }, { "IORT", FIRMWARE_ARM },
		{ "SSDT1", FIRMWARE_NONE },
	};
	char path[64];

	(void)state;
	assert_int_equal(machine_firmware(), FIRMWARE_UNKNOWN);
	tree_write("sys/firmware/acpi/tables/FACP", "");
	tree_mkdir("sys/firmware/acpi/tables/dynamic");
	assert_int_equal(machine_firmware(), FIRMWARE_NONE);
	for (size_t i = 0; i < COUNT(tables); i++) {
		snprintf(path, sizeof(path), "sys/firmware/acpi/tables/%s", tables[i].table);
		tree_write(path, "");
		assert_case(machine_firmware() == tables[i].firmware, tables[i].table);
		tree_unlink(path);
	}
}

/* The groups of mdevs, and the mock of the kernel's self-test, are on machines without an IOMMU. */
static void test_is_the_iommu_on(void **state)
{
	(void)state;
	assert_false(machine_iommu_is_on());
	tree_mkdir("sys/kernel/iommu_groups/0");
	tree_mkdir("sys/class/iommu/iommufd_selftest_iommu.0");
	assert_false(machine_iommu_is_on());
	tree_mkdir("sys/class/iommu/dmar0");
	assert_true(machine_iommu_is_on());
}

static void test_interrupt_remapping(void **state)
{
	struct utsname name;
	char long_line[6000];

	(void)state;
	uname(&name);
	if (strcmp(name.machine, "x86_64") != 0)
		return assert_int_equal(machine_interrupt_remapping(), -EOPNOTSUPP);
	assert_int_equal(machine_interrupt_remapping(), -ENOENT);
	tree_write("proc/interrupts", "  1:  9  IO-APIC    1-edge  i8042\n 24:  0  PCI-MSI 65536-edge  PCIe PME\n");
	assert_int_equal(machine_interrupt_remapping(), 0);
	/* Wherever the lines of a machine with many processors are cut. */
	for (size_t i = 4080; i < 4100; i++) {
		memset(long_line, '0', i);
		strcpy(long_line + i, " IR-PCI-MSI 65536-edge\n");
		tree_write("proc/interrupts", long_line);
		assert_int_equal(machine_interrupt_remapping(), 1);
	}
	assert_false(machine_unsafe_interrupts_allowed());
	tree_write("sys/module/iommufd/parameters/allow_unsafe_interrupts", "Y\n");
	assert_true(machine_unsafe_interrupts_allowed());
}

static void test_words_of_the_command_line(void **state)
{
	(void)state;
	assert_false(machine_booted_with("iommu=off"));
	tree_write("proc/cmdline", "ro intel_iommu=off iommu=offset quiet\n");
	assert_true(machine_booted_with("intel_iommu=off"));
	assert_true(machine_booted_with("ro"));
	assert_true(machine_booted_with("quiet"));
	assert_false(machine_booted_with("iommu=off"));
}

static void test_does_the_kernel_make_cdevs(void **state)
{
	(void)state;
	assert_int_equal(machine_makes_cdevs(), -ENOENT);
	tree_write("proc/devices", "Character devices:\n 10 misc\n511 vfio\n");
	assert_int_equal(machine_makes_cdevs(), -ENOENT); /* VFIO is not loaded */
	tree_mkdir("sys/class/vfio-dev");
	assert_int_equal(machine_makes_cdevs(), 0);
	tree_write("proc/devices", "Character devices:\n 10 misc\n511 vfio-dev\n");
	assert_int_equal(machine_makes_cdevs(), 1);
}

/* ---- devices and groups ---- */

static const struct tree_device members[] = {
	{ "vfio0", "pci0000:00", "0000:02:00.0", "pci", "vfio-pci", "9", NULL },
	{ NULL, "pci0000:00", "0000:02:00.1", "pci", "snd_hda_intel", "9", NULL },
	{ NULL, "pci0000:00", "0000:02:00.2", "pci", NULL, "9", NULL },
	{ NULL, "pci0000:00", "0000:00:06.0", "pci", "pcieport", "9", NULL },
	{ NULL, "pci0000:00", "0000:02:00.3", "pci", "pci-stub", "9", NULL },
	{ "vfio1", "pci0000:00", "0000:02:00.4", "pci", "mlx5_vfio_pci", "9", NULL },
};

static void add_members(void)
{
	for (size_t i = 0; i < COUNT(members); i++) {
		char path[96], target[96];

		tree_add(&members[i]);
		snprintf(path, sizeof(path), "sys/kernel/iommu_groups/9/devices/%s", members[i].address);
		snprintf(target, sizeof(target), "../../../../devices/pci0000:00/%s", members[i].address);
		tree_link(target, path);
	}
}

static void test_a_device(void **state)
{
	static const char *const names[] = { "0000:02:00.1", "02:00.1" };
	struct machine_device device;

	(void)state;
	add_members();
	assert_false(machine_device("0000:02:00.7", &device));
	assert_false(machine_device("..", &device));
	assert_false(machine_device("a/b", &device));
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_true(machine_device(names[i], &device));
		assert_string_equal(device.bus, "pci");
		assert_string_equal(device.address, "0000:02:00.1");
		assert_string_equal(device.driver, "snd_hda_intel");
		assert_int_equal(device.group, 9);
		assert_false(device.is_vfio);
	}
	assert_true(machine_device("0000:02:00.4", &device));
	assert_true(device.is_vfio);
	assert_string_equal(machine_vfio_driver("pci"), "vfio-pci");
	assert_string_equal(machine_vfio_driver("platform"), "vfio-platform");
	assert_null(machine_vfio_driver("mdev"));
	assert_null(machine_vfio_driver("usb"));
}

static void test_driver_override(void **state)
{
	const char *path = "sys/devices/pci0000:00/0000:02:00.2/driver_override";
	struct machine_device device;

	(void)state;
	add_members();
	tree_write(path, "(null)\n");
	assert_true(machine_device("0000:02:00.2", &device));
	assert_string_equal(device.override, "");
	tree_write(path, "vfio-pci\n");
	assert_true(machine_device("0000:02:00.2", &device));
	assert_string_equal(device.override, "vfio-pci");
	assert_false(device.override_exists);
	tree_mkdir("sys/bus/pci/drivers/vfio-pci");
	assert_true(machine_device("0000:02:00.2", &device));
	assert_true(device.override_exists);
	assert_false(device.is_bridge);
	tree_write("sys/devices/pci0000:00/0000:02:00.2/class", "0x060400\n");
	assert_true(machine_device("0000:02:00.2", &device));
	assert_true(device.is_bridge);
}

static bool add_address(void *arg, const struct machine_device *member)
{
	if (machine_keeps_group(member))
		strcat(arg, member->address);
	return true;
}

static void test_who_keeps_a_group(void **state)
{
	char keeps[256] = "";

	(void)state;
	machine_each_member(9, add_address, keeps);
	assert_string_equal(keeps, "");
	add_members();
	machine_each_member(9, add_address, keeps);
	assert_string_equal(keeps, "0000:02:00.1");
}

static void test_reserved_regions(void **state)
{
	struct machine_region regions[MACHINE_REGIONS];

	(void)state;
	assert_int_equal(machine_reserved(9, regions), 0);
	tree_write("sys/kernel/iommu_groups/9/reserved_regions",
		   "0x0000000000000000 0x0000000000ffffff direct-relaxable\n"
		   "0x000000009e000000 0x000000009fffffff direct\n0x00000000fee00000 0x00000000feefffff msi\n");
	assert_int_equal(machine_reserved(9, regions), 2);
	assert_true(regions[0].start == 0x9e000000 && regions[0].last == 0x9fffffff);
	assert_string_equal(regions[0].type, "direct");
	assert_true(regions[1].start == 0xfee00000 && regions[1].last == 0xfeefffff);
	assert_string_equal(regions[1].type, "msi");
}

/* ---- processes ---- */

static void add_process(int pid, const char *command, const char *fd)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/fd/7", pid);
	tree_link(fd, path);
	snprintf(path, sizeof(path), "proc/%d/comm", pid);
	tree_write(path, command);
	snprintf(path, sizeof(path), "proc/%d/maps", pid);
	tree_write(path, "7f00-7f01 rw-s 00000000 00:05 1 /dev/shm/x\n");
}

static void test_who_has_a_cdev(void **state)
{
	struct machine_user users[MACHINE_USERS];

	(void)state;
	assert_int_equal(machine_users_of_cdev("vfio1", clock_ms() + 5000, users), 0);
	add_process(41, "bash\n", "/dev/vfio/devices/vfio10");
	add_process(43, "mapper\n", "/dev/null");
	tree_write("proc/43/maps", "7f00-7f01 rw-s 00000000 00:05 1 /dev/vfio/devices/vfio11\n");
	add_process(getpid(), "self\n", "/dev/vfio/devices/vfio1");
	tree_link("/dev/vfio/devices/vfio1", "proc/self/fd/7");
	assert_int_equal(machine_users_of_cdev("vfio1", clock_ms() + 5000, users), 0);

	add_process(42, "qemu-system-x86\n", "/dev/vfio/devices/vfio1 (deleted)");
	assert_int_equal(machine_users_of_cdev("vfio1", clock_ms() + 5000, users), 1);
	assert_int_equal(users[0].pid, 42);
	assert_string_equal(users[0].command, "qemu-system-x86");
	assert_int_equal(machine_users_of_cdev("vfio11", clock_ms() + 5000, users), 1);
	assert_int_equal(users[0].pid, 43);
	assert_int_equal(machine_users_of_group(12, clock_ms() + 5000, users), 0);
	add_process(44, "old\n", "/dev/vfio/12");
	assert_int_equal(machine_users_of_group(12, clock_ms() + 5000, users), 1);
	assert_int_equal(users[0].pid, 44);
}

/* By its numbers: /dev/full plays the cdev, and has another name there. */
static void test_who_has_a_renamed_cdev(void **state)
{
	const struct tree_device device = {
		"vfio1", "pci0000:00", "0000:02:00.0", "pci", "vfio-pci", "9", "/dev/full",
	};
	struct machine_user users[MACHINE_USERS];

	(void)state;
	tree_add(&device);
	tree_link("/dev/full", "dev/vfio/devices/vfio0");
	tree_link("/dev/zero", "dev/vfio/devices/vfio7");
	add_process(50, "inside\n", tree_path("dev/vfio/devices/vfio0"));
	add_process(51, "other\n", tree_path("dev/vfio/devices/vfio7"));
	assert_int_equal(machine_users_of_cdev("vfio1", clock_ms() + 5000, users), 1);
	assert_int_equal(users[0].pid, 50);
}

static void test_no_more_users_than_there_is_room(void **state)
{
	struct machine_user users[MACHINE_USERS];

	(void)state;
	for (int pid = 100; pid < 100 + 2 * MACHINE_USERS; pid++)
		add_process(pid, "many\n", "/dev/vfio/devices/vfio1");
	assert_int_equal(machine_users_of_cdev("vfio1", clock_ms() + 5000, users), MACHINE_USERS);
	assert_true(machine_users_of_cdev("vfio1", clock_ms(), users) <= 1); /* the time is up */
}

static const char limits_text[] =
	"Limit                     Soft Limit           Hard Limit           Units     \n"
	"Max locked memory         65536                8388608              bytes     \n";

static void test_limits(void **state)
{
	struct machine_limits limits;

	(void)state;
	assert_int_equal(machine_limits(60, &limits), -ENOENT);
	tree_write("proc/60/limits", limits_text);
	tree_write("proc/60/status", "Name:\tx\nCapEff:\t0000000000000000\nVmLck:\t       0 kB\nVmPin:\t     128 kB\n");
	assert_int_equal(machine_limits(60, &limits), 0);
	assert_int_equal(limits.memlock, 65536);
	assert_int_equal(limits.pinned, 131072);
	assert_false(limits.exempt);
	assert_string_equal(limits.unit, "");
	tree_write("proc/60/limits", "Max locked memory         unlimited            unlimited            bytes\n");
	tree_write("proc/60/status", "CapEff:\t000001ffffffffff\n");
	tree_write("proc/60/cgroup", "0::/system.slice/iommufdctl@guest.service\n");
	assert_int_equal(machine_limits(60, &limits), 0);
	assert_true(limits.memlock == UINT64_MAX && limits.exempt && !limits.pinned);
	assert_string_equal(limits.unit, "iommufdctl@guest.service");
	tree_write("proc/60/cgroup", "0::/user.slice/user-0.slice/user@0.service\n");
	assert_int_equal(machine_limits(60, &limits), 0);
	assert_string_equal(limits.unit, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_which_iommu_the_firmware_has), TEST(test_is_the_iommu_on),
		TEST(test_interrupt_remapping), TEST(test_words_of_the_command_line),
		TEST(test_does_the_kernel_make_cdevs), TEST(test_a_device), TEST(test_driver_override),
		TEST(test_who_keeps_a_group), TEST(test_reserved_regions), TEST(test_who_has_a_cdev),
		TEST(test_who_has_a_renamed_cdev), TEST(test_no_more_users_than_there_is_room),
		TEST(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
