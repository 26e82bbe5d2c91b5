/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps a device from VFIO, and who else gives it a driver. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/claimant.h"
#include "machine/find.h"
#include "machine/obstacle.h"
#include "tree.h"
#include "unit.h"

#define ADDRESS "0000:00:05.0"
#define DEVICE "sys/devices/pci0000:00/" ADDRESS
#define UUID "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"

static void set_event(const char *class, const char *id)
{
	char text[128];

	snprintf(text, sizeof(text), "PCI_CLASS=%s\nPCI_ID=%s\nPCI_SUBSYS_ID=1AF4:1100\n", class, id);
	tree_write(DEVICE "/uevent", text);
}

static void add_device(const char *group)
{
	const struct tree_device device = { NULL, "pci0000:00", ADDRESS, "pci", NULL, group, NULL };

	tree_add(&device);
	set_event("20000", "8086:10D3");
}

/* ---- obstacles ---- */

static void assert_obstacle(enum machine_obstacle_kind kind, const char *what, const char *fact)
{
	struct machine_obstacle obstacles[MACHINE_OBSTACLES];
	struct machine_device device;

	assert_int_equal(machine_find_device(ADDRESS, &device), 0);
	assert_int_equal(machine_obstacles(&device, obstacles), 1);
	assert_int_equal(obstacles[0].kind, kind);
	assert_string_equal(obstacles[0].what, what);
	assert_string_equal(obstacles[0].fact, fact);
}

static void assert_no_obstacle(void)
{
	struct machine_obstacle obstacles[MACHINE_OBSTACLES];
	struct machine_device device;

	assert_int_equal(machine_find_device(ADDRESS, &device), 0);
	assert_int_equal(machine_obstacles(&device, obstacles), 0);
}

static void test_parts_of_the_machine(void **state)
{
	(void)state;
	add_device("7");
	assert_no_obstacle();
	set_event("60400", "8086:10D3");
	assert_obstacle(OBSTACLE_BRIDGE, "it is a PCI bridge (class 0604), which no VFIO driver takes",
			"/sys/bus/pci/devices/" ADDRESS "/class");
	set_event("60000", "8086:10D3");
	assert_obstacle(OBSTACLE_BRIDGE, "it is a host bridge (class 0600), which VFIO leaves alone",
			"/sys/bus/pci/devices/" ADDRESS "/class");
	set_event("80600", "8086:10D3");
	assert_obstacle(OBSTACLE_IOMMU, "it is an IOMMU (class 0806)", "/sys/bus/pci/devices/" ADDRESS "/class");
	set_event("60100", "8086:10D3"); /* a bridge to ISA is an endpoint */
	assert_no_obstacle();
}

static void test_denylist(void **state)
{
	(void)state;
	add_device("7");
	set_event("b4000", "8086:37C8");
	assert_obstacle(OBSTACLE_DENYLISTED,
			"vfio-pci does not take 8086:37c8, which it has on a list of unsafe devices",
			"/sys/module/vfio_pci/parameters/disable_denylist");
	tree_write("sys/module/vfio_pci/parameters/disable_denylist", "N\n");
	assert_obstacle(OBSTACLE_DENYLISTED,
			"vfio-pci does not take 8086:37c8, which it has on a list of unsafe devices",
			"/sys/module/vfio_pci/parameters/disable_denylist");
	tree_write("sys/module/vfio_pci/parameters/disable_denylist", "Y\n");
	assert_no_obstacle();
}

static void test_direct_regions(void **state)
{
	(void)state;
	add_device("7");
	tree_write("sys/kernel/iommu_groups/7/reserved_regions",
		   "0x0000000000000000 0x0000000000ffffff direct-relaxable\n0x00000000fee00000 0x00000000feefffff msi\n");
	assert_no_obstacle();
	tree_write("sys/kernel/iommu_groups/7/reserved_regions", "0x000000009e000000 0x000000009fffffff direct\n");
	assert_obstacle(OBSTACLE_DIRECT, "the firmware has it reach memory at 0x9e000000-0x9fffffff directly",
			"/sys/kernel/iommu_groups/7/reserved_regions");
}

static void test_no_iommu(void **state)
{
	(void)state;
	add_device(NULL);
	assert_obstacle(OBSTACLE_OFF, "this machine has no IOMMU that is on", "/sys/class/iommu");
	tree_mkdir("sys/class/iommu/dmar0");
	assert_obstacle(OBSTACLE_OFF, "no IOMMU is in front of it",
			"/sys/bus/pci/devices/" ADDRESS "/iommu_group");
	tree_write("sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n");
	assert_no_obstacle();
}

/* ---- other claimants ---- */

static void assert_claimants(const char *word, const char *expected)
{
	struct machine_claimant claimants[MACHINE_CLAIMANTS];
	struct machine_device device;
	char text[2048] = "";
	size_t n;

	assert_int_equal(machine_find_device(word, &device), 0);
	n = machine_claimants(&device, claimants);
	for (size_t i = 0; i < n; i++)
		sprintf(text + strlen(text), "%s: %s (%s)\n", claimants[i].who, claimants[i].what,
			claimants[i].fact);
	assert_string_equal(text, expected);
}

static void test_driverctl(void **state)
{
	(void)state;
	add_device("7");
	assert_claimants(ADDRESS, "");
	tree_write("etc/driverctl.d/pci-0000:00:05.1", "vfio-pci\n");
	assert_claimants(ADDRESS, "");
	tree_write("etc/driverctl.d/pci-" ADDRESS, "vfio-pci\n");
	assert_claimants(ADDRESS, "driverctl: vfio-pci (/etc/driverctl.d/pci-" ADDRESS ")\n");
}

static void test_mdevctl(void **state)
{
	const struct tree_device mdev = { NULL, "pci0000:00/" ADDRESS, UUID, "mdev", "x", NULL, NULL };

	(void)state;
	add_device("7");
	tree_add(&mdev);
	tree_write("etc/mdevctl.d/0000:00:09.0/" UUID, "{}");
	assert_claimants(ADDRESS, "");
	assert_claimants(UUID, "mdevctl: this mdev (/etc/mdevctl.d/0000:00:09.0/" UUID ")\n");
	tree_write("etc/mdevctl.d/" ADDRESS "/11b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "{}");
	assert_claimants(ADDRESS, "mdevctl: mdevs on it (/etc/mdevctl.d/" ADDRESS ")\n");
}

static const char by_kernel[] = "kernel: vfio-pci (its ids) (/proc/cmdline)\n";

static void test_words_for_the_kernel(void **state)
{
	static const struct {
		const char *words;
		bool is_meant;
	} cases[] = {
		{ "vfio-pci.ids=8086:10d3", true }, { "ro vfio_pci.ids=1af4:1041,8086:10D3 quiet", true },
		{ "vfio-pci.ids=8086:10d3:1af4", true }, { "vfio-pci.ids=8086:10d3:1af4:1100", true },
		{ "vfio-pci.ids=8086:10d3:1af4:1100:020000:ff0000", true },
		{ "vfio-pci.ids=8086:10d3:ffffffff:ffffffff", true }, { "vfio-pci.ids=8086:10d30", false },
		{ "vfio-pci.ids=8086:10d4,8086", false }, { "vfio-pci.ids=8086:10d3:1234", false },
		{ "vfio-pci.ids=8086:10d3:1af4:1100:030000:ff0000", false }, { "vfio-pci.ids=", false },
		{ "xvfio-pci.ids=8086:10d3", false }, { "vfio-pci.disable_vga=1", false }, { "", false },
	};

	(void)state;
	add_device("7");
	for (size_t i = 0; i < COUNT(cases); i++) {
		tree_write("proc/cmdline", cases[i].words);
		assert_claimants(ADDRESS, cases[i].is_meant ? by_kernel : "");
	}
}

static void test_options_of_modules(void **state)
{
	(void)state;
	add_device("7");
	tree_write("etc/modprobe.d/vfio.conf.bak", "options vfio-pci ids=8086:10d3\n");
	tree_write("etc/modprobe.d/other.conf", "# options vfio-pci ids=8086:10d3\noptions kvm ids=8086:10d3\n");
	assert_claimants(ADDRESS, "");
	tree_write("usr/lib/modprobe.d/vfio.conf", "options  vfio_pci disable_vga=1 ids=10de:1,8086:10d3");
	assert_claimants(ADDRESS, "modprobe: vfio-pci (its ids) (/usr/lib/modprobe.d/vfio.conf)\n");
}

static void test_hostile_files(void **state)
{
	char text[70000];

	(void)state;
	add_device("7");
	memset(text, 'v', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	tree_write("proc/cmdline", text);
	tree_write("etc/modprobe.d/a.conf", text);
	tree_write("etc/modprobe.d/b.conf", "options\noptions \noptions vfio-pci\noptions vfio-pci ids\n\xff\xfe");
	tree_mkdir("etc/modprobe.d/c.conf");
	tree_link("nowhere", "etc/modprobe.d/d.conf");
	tree_link("../../..", "etc/mdevctl.d/loop");
	tree_write("etc/driverctl.d/pci-" ADDRESS, text);
	memset(text + 63, '\0', 1);
	strcat(strcpy(text + 1000, "driverctl: "), text);
	strcat(text + 1000, " (/etc/driverctl.d/pci-" ADDRESS ")\n");
	assert_claimants(ADDRESS, text + 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_parts_of_the_machine), TEST(test_denylist), TEST(test_direct_regions),
		TEST(test_no_iommu), TEST(test_driverctl), TEST(test_mdevctl),
		TEST(test_words_for_the_kernel), TEST(test_options_of_modules), TEST(test_hostile_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
