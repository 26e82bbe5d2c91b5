/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the words that people use to the device, in trees that are laid out as machines have /sys. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "machine/find.h"
#include "machine/part.h"
#include "tree.h"
#include "unit.h"

#define ROOT "devices/pci0000:00/"
#define UUID "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"

static void add(const char *cdev, const char *parent, const char *address, const char *bus,
		const char *driver)
{
	const struct tree_device device = { cdev, parent, address, bus, driver, NULL, NULL };

	tree_add(&device);
}

/* A class device below a device, with its link in the class. */
static void add_part(const char *class, const char *directory, const char *name)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), "sys/%s/%s/subsystem", directory, name);
	snprintf(target, sizeof(target), "../../../../../../class/%s", class);
	tree_link(target, path);
	snprintf(path, sizeof(path), "sys/class/%s/%s", class, name);
	snprintf(target, sizeof(target), "../../%s/%s", directory, name);
	tree_link(target, path);
}

static void make_machine(void)
{
	add("vfio0", "pci0000:00", "0000:00:04.0", "pci", "vfio-pci");
	add(NULL, "pci0000:00", "0000:00:05.0", "pci", "virtio-pci");
	add(NULL, "pci10000:00", "10000:01:00.0", "pci", NULL);
	add(NULL, "pci0000:00", "0000:00:1f.2", "pci", "ahci");
	add("vfio1", "pci0000:00/0000:00:04.0", UUID, "mdev", "vfio_mtty");
	add(NULL, "platform", "fff51000.ethernet", "platform", "xgmac");
	add_part("net", ROOT "0000:00:05.0/virtio0/net", "eth0");
	tree_link("../../../../bus/virtio", "sys/" ROOT "0000:00:05.0/virtio0/subsystem");
	add_part("net", "devices/virtual/net", "lo");
	add_part("block", ROOT "0000:00:1f.2/ata1/host0/block", "sda");
	add_part("block", ROOT "0000:00:1f.2/ata1/host0/block/sda", "sda1");
	add_part("block", "devices/virtual/block", "dm-0");
}

static void assert_found(const char *word, const char *bus, const char *address)
{
	struct machine_device device;
	int rc = machine_find_device(word, &device);

	if (rc < 0 || strcmp(device.bus, bus) != 0 || strcmp(device.address, address) != 0)
		fail_msg("%s: %d, %s/%s", word, rc, device.bus, device.address);
}

static void assert_not_found(const char *word, int error)
{
	struct machine_device device;
	int rc = machine_find_device(word, &device);

	if (rc != error)
		fail_msg("%s: %d, not %d", word, rc, error);
}

static void test_addresses(void **state)
{
	(void)state;
	make_machine();
	assert_found("0000:00:04.0", "pci", "0000:00:04.0");
	assert_found("00:1F.2", "pci", "0000:00:1f.2");
	assert_found("10000:01:00.0", "pci", "10000:01:00.0");
	assert_found(UUID, "mdev", UUID);
	assert_found("83B8F4F2-509f-382f-3c1e-e6bfe0fa1001", "mdev", UUID);
	assert_found("fff51000.ethernet", "platform", "fff51000.ethernet");
	assert_found("platform/fff51000.ethernet", "platform", "fff51000.ethernet");
	assert_found("pci/0000:00:04.0", "pci", "0000:00:04.0");
	assert_not_found("01:00.0", -ENODEV);
	assert_not_found("0000:00:04.1", -ENODEV);
	assert_not_found("pci/0000:00:04.1", -ENODEV);
}

static void test_what_the_host_calls_it(void **state)
{
	(void)state;
	make_machine();
	assert_found("vfio0", "pci", "0000:00:04.0");
	assert_found("vfio1", "mdev", UUID);
	assert_found("eth0", "pci", "0000:00:05.0");
	assert_found("sda", "pci", "0000:00:1f.2");
	assert_found("sda1", "pci", "0000:00:1f.2");
	assert_not_found("lo", -ENXIO);
	assert_not_found("dm-0", -ENXIO);
	assert_not_found("vfio7", -ENODEV);
	assert_not_found("eth1", -ENODEV);
	add("noiommu-vfio9", "pci0000:00", "0000:00:09.0", "pci", "vfio-pci");
	assert_found("noiommu-vfio9", "pci", "0000:00:09.0");
}

/* By its numbers: /dev/full plays the node of a cdev. */
static void test_nodes(void **state)
{
	char path[64], link[128];
	struct stat st;

	(void)state;
	make_machine();
	assert_int_equal(stat("/dev/full", &st), 0);
	assert_not_found("/dev/full", -ENODEV);
	snprintf(path, sizeof(path), "sys/dev/char/%u:%u", major(st.st_rdev), minor(st.st_rdev));
	tree_link("../../" ROOT "0000:00:04.0/vfio-dev/vfio0", path);
	assert_found("/dev/full", "pci", "0000:00:04.0");
	tree_link("/dev/full", "dev/mine");
	snprintf(link, sizeof(link), "%s", tree_path("dev/mine"));
	assert_found(link, "pci", "0000:00:04.0");
	assert_not_found("/dev/nowhere", -ENODEV);
	assert_not_found("/dev", -ENXIO);
	assert_not_found("/etc/passwd", -ENXIO);
}

/* The disk hangs on no controller; with two of them it is of both. */
static void test_disk_of_several_controllers(void **state)
{
	const char *subsystem = "devices/virtual/nvme-subsystem/nvme-subsys0";

	(void)state;
	add(NULL, "pci0000:00", "0000:00:06.0", "pci", "nvme");
	add(NULL, "pci0000:00", "0000:00:07.0", "pci", "nvme");
	add_part("nvme-subsystem", "devices/virtual/nvme-subsystem", "nvme-subsys0");
	add_part("block", subsystem, "nvme0n1");
	add_part("block", "devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1", "nvme0n1p1");
	assert_not_found("nvme0n1", -ENXIO);
	add_part("nvme", ROOT "0000:00:06.0/nvme", "nvme0");
	tree_link("../../../pci0000:00/0000:00:06.0/nvme/nvme0", "sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0");
	assert_found("nvme0n1", "pci", "0000:00:06.0");
	assert_found("nvme0n1p1", "pci", "0000:00:06.0");
	assert_found("nvme0", "pci", "0000:00:06.0");
	add_part("nvme", ROOT "0000:00:07.0/nvme", "nvme1");
	tree_link("../../../pci0000:00/0000:00:07.0/nvme/nvme1", "sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme1");
	assert_not_found("nvme0n1", -ENOTUNIQ);
}

static void test_hostile_words(void **state)
{
	static const char *const words[] = {
		"", ".", "..", "/", "//", "a/b", "../..", "pci/..", "pci/", "/pci", "pci/0000:00:04.0/..", "\033[2J",
		"\xff\xfe", "class/net/eth0", "-1", "0000:00:04.0 ", "%s%n",
	};
	struct machine_device device;
	char name[5000];

	(void)state;
	make_machine();
	for (size_t i = 0; i < COUNT(words); i++)
		assert_case(machine_find_device(words[i], &device) < 0, words[i]);
	for (size_t len = 1; len < sizeof(name); len += 61) {
		memset(name, 'a', len);
		name[len] = '\0';
		assert_true(machine_find_device(name, &device) < 0);
	}
}

/* What does not lead down into the tree was not made by the kernel. */
static void test_links_out_of_the_tree(void **state)
{
	static const char *const targets[] = {
		"/etc", "../../../../etc/devices/x", "../../" ROOT "../../../etc", "", "eth9", "../../devices/",
		"../../devices/nowhere/net/eth9",
	};

	(void)state;
	make_machine();
	for (size_t i = 0; i < COUNT(targets); i++) {
		struct machine_device device;

		if (!*targets[i])
			tree_write("sys/class/net/eth9", "no link\n");
		else
			tree_link(targets[i], "sys/class/net/eth9");
		assert_case(machine_find_device("eth9", &device) < 0, targets[i]);
		tree_unlink("sys/class/net/eth9");
	}
}

/* ---- what a device is ---- */

static void test_ids(void **state)
{
	const char *directory = "sys/" ROOT "0000:00:05.0/";
	struct machine_device device;
	struct machine_ids ids;
	char path[128];

	(void)state;
	make_machine();
	assert_int_equal(machine_find_device("00:05.0", &device), 0);
	assert_false(machine_ids(&device, &ids));
	assert_int_equal(machine_numa_node(&device), -1);
	snprintf(path, sizeof(path), "%svendor", directory);
	tree_write(path, "0x1af4\n");
	snprintf(path, sizeof(path), "%sclass", directory);
	tree_write(path, "0x020000\n");
	assert_true(machine_ids(&device, &ids));
	assert_int_equal(ids.vendor, 0x1af4);
	assert_int_equal(ids.device, 0);
	assert_int_equal(ids.class, 0x020000);
	snprintf(path, sizeof(path), "%suevent", directory);
	tree_write(path, "DRIVER=virtio-pci\nPCI_CLASS=20000\nPCI_ID=1AF4:1041\nPCI_SUBSYS_ID=1AF4:1100\n");
	assert_true(machine_ids(&device, &ids));
	assert_int_equal(ids.device, 0x1041);
	assert_int_equal(ids.subsystem_device, 0x1100);
	snprintf(path, sizeof(path), "%snuma_node", directory);
	tree_write(path, "1\n");
	assert_int_equal(machine_numa_node(&device), 1);
	tree_write(path, "-1\n");
	assert_int_equal(machine_numa_node(&device), -1);
}

static void test_hostile_attributes(void **state)
{
	static const char *const names[] = { "uevent", "vendor", "class", "numa_node", "driver_override" };
	char text[4097];
	const char *const texts[] = { "", "\n", "\xff\xff", "\033]0;x\007", "PCI_CLASS=PCI_ID=", text, "-1", "0x" };
	struct machine_device device;
	struct machine_ids ids;

	(void)state;
	make_machine();
	memset(text, '9', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < COUNT(names); i++)
		for (size_t j = 0; j < COUNT(texts); j++) {
			char path[128];

			snprintf(path, sizeof(path), "sys/" ROOT "0000:00:05.0/%s", names[i]);
			tree_write(path, texts[j]);
			assert_int_equal(machine_find_device("00:05.0", &device), 0);
			machine_ids(&device, &ids);
			assert_int_equal(machine_numa_node(&device), -1);
		}
}

/* ---- what drivers have made of it ---- */

static bool add_name(void *arg, const struct machine_part *part)
{
	strcat(strcat(arg, " "), part->name);
	return true;
}

static void assert_parts(const char *address, int error, const char *names)
{
	struct machine_device device;
	char text[512] = "";

	assert_int_equal(machine_find_device(address, &device), 0);
	assert_int_equal(machine_each_part(&device, add_name, text), error);
	assert_string_equal(text, names);
}

static void test_parts(void **state)
{
	char path[512] = "sys/" ROOT "0000:00:05.0";

	(void)state;
	make_machine();
	assert_parts("00:05.0", 0, " virtio0 eth0");
	assert_parts("00:1f.2", 0, " sda sda1");
	assert_parts("00:04.0", 0, " vfio0"); /* the mdev below it is another device */
	add(NULL, "pci0000:00/0000:00:1f.2", "0000:09:00.0", "pci", "x");
	add_part("net", ROOT "0000:00:1f.2/0000:09:00.0/net", "eth7");
	assert_parts("00:1f.2", 0, " sda sda1");
	tree_link("..", "sys/" ROOT "0000:00:05.0/virtio0/loop");
	assert_parts("00:05.0", 0, " virtio0 eth0");
	for (int i = 0; i < 40; i++)
		strcat(path, "/deep");
	tree_mkdir(path);
	assert_parts("00:05.0", -E2BIG, " virtio0 eth0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_addresses), TEST(test_what_the_host_calls_it), TEST(test_nodes),
		TEST(test_disk_of_several_controllers), TEST(test_hostile_words),
		TEST(test_links_out_of_the_tree), TEST(test_ids), TEST(test_hostile_attributes),
		TEST(test_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
