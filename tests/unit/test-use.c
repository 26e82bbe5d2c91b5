/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host does with a device, in trees that are laid out as machines have /sys and /proc. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/find.h"
#include "machine/use.h"
#include "tree.h"
#include "unit.h"

#define ROOT "devices/pci0000:00/"
#define NIC "0000:00:05.0"
#define DISK "0000:00:06.0"
#define GPU "0000:00:02.0"

static void add(const char *address, const char *driver, const char *class)
{
	const struct tree_device device = { NULL, "pci0000:00", address, "pci", driver, NULL, NULL };
	char path[128];

	tree_add(&device);
	snprintf(path, sizeof(path), "sys/" ROOT "%s/class", address);
	tree_write(path, class);
	snprintf(path, sizeof(path), "sys/" ROOT "%s/vendor", address);
	tree_write(path, "0x8086\n");
}

static void add_part(const char *class, const char *directory, const char *name, const char *numbers)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), "sys/%s/%s/subsystem", directory, name);
	snprintf(target, sizeof(target), "../../../../../class/%s", class);
	tree_link(target, path);
	snprintf(path, sizeof(path), "sys/class/%s/%s", class, name);
	snprintf(target, sizeof(target), "../../%s/%s", directory, name);
	tree_link(target, path);
	snprintf(path, sizeof(path), "sys/%s/%s/dev", directory, name);
	if (numbers)
		tree_write(path, numbers);
}

/* "default route, interface eth0 up"; what cannot be told is in brackets. */
static const char *uses_of(const char *word, struct machine_uses *uses)
{
	static char text[4096];
	struct machine_host *host = machine_host_new(false);
	struct machine_device device;

	assert_non_null(host);
	assert_int_equal(machine_find_device(word, &device), 0);
	machine_uses(host, &device, uses);
	machine_host_free(host);
	*text = '\0';
	for (size_t i = 0; i < uses->count; i++)
		sprintf(text + strlen(text), uses->items[i].unknown ? "%s[%s]" : "%s%s", i ? ", " : "",
			uses->items[i].what);
	return text;
}

static void assert_uses(const char *word, const char *expected)
{
	struct machine_uses uses;

	assert_string_equal(uses_of(word, &uses), expected);
	for (size_t i = 0; i < uses.count; i++)
		assert_true(*uses.items[i].fact == '/');
}

static void assert_fact(const char *word, const char *fact)
{
	struct machine_uses uses;

	uses_of(word, &uses);
	assert_string_equal(uses.items[0].fact, fact);
}

/* ---- networks ---- */

static void add_nic(void)
{
	add(NIC, "e1000e", "0x020000\n");
	add_part("net", ROOT NIC "/net", "eth0", NULL);
	tree_write("sys/" ROOT NIC "/net/eth0/flags", "0x1002\n");
	tree_write("proc/net/route", "Iface\tDestination\tGateway\n");
}

static void test_interface(void **state)
{
	(void)state;
	add_nic();
	assert_uses(NIC, "");
	tree_write("sys/" ROOT NIC "/net/eth0/flags", "0x1003\n");
	assert_uses(NIC, "interface eth0 up");
	assert_fact(NIC, "/sys/class/net/eth0/flags");
	tree_link("../../../../../virtual/net/bond0", "sys/" ROOT NIC "/net/eth0/master");
	assert_uses(NIC, "enslaved to bond0, interface eth0 up");
	assert_fact(NIC, "/sys/class/net/eth0/master");
	tree_write("sys/" ROOT NIC "/net/eth0/flags", "");
	assert_uses(NIC, "enslaved to bond0, [interface eth0]");
}

static void test_default_route(void **state)
{
	(void)state;
	add_nic();
	tree_write("proc/net/route", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"
				     "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
				     "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n"
				     "eth0\t00000000\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
				     "eth0\t00000000\t00000000\t0200\t0\t0\t0\t00000000\t0\t0\t0\n"
				     "eth1\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
	assert_uses(NIC, "");
	tree_write("proc/net/route", "eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
	assert_uses(NIC, "default route");
	assert_fact(NIC, "/proc/net/route");
	tree_write("proc/net/route", "");
	tree_write("proc/net/ipv6_route",
		   "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
		   "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200 eth0\n");
	assert_uses(NIC, ""); /* one that rejects */
	tree_write("proc/net/ipv6_route",
		   "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
		   "fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n");
	assert_uses(NIC, "default route");
	assert_fact(NIC, "/proc/net/ipv6_route");
	tree_unlink("proc/net/route");
	assert_uses(NIC, "default route, [routes cannot be read]");
}

/* A VLAN on a bridge that the interface is in. */
static void test_default_route_of_what_is_made_of_it(void **state)
{
	(void)state;
	add_nic();
	tree_write("proc/net/route", "br0.7\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
	tree_mkdir("sys/devices/virtual/net/br0");
	tree_link("../../devices/virtual/net/br0", "sys/class/net/br0");
	tree_link("../../../../../virtual/net/br0", "sys/" ROOT NIC "/net/eth0/upper_br0");
	assert_uses(NIC, "");
	tree_link("../br0.7", "sys/devices/virtual/net/br0/upper_br0.7");
	assert_uses(NIC, "default route by br0.7");
	tree_link("../../devices/virtual/net/br0", "sys/class/net/br0.7"); /* a loop */
	assert_uses(NIC, "default route by br0.7");
}

/* In another namespace, or there is none: no file says which. */
static void test_no_interface(void **state)
{
	(void)state;
	add(NIC, "e1000e", "0x020000\n");
	tree_mkdir("sys/" ROOT NIC "/net");
	assert_uses(NIC, "[interface in another namespace]");
	add("0000:00:07.0", NULL, "0x020000\n");
	assert_uses("00:07.0", "");
	add("0000:00:08.0", "pci-stub", "0x020000\n");
	assert_uses("00:08.0", "");
	add("0000:00:09.0", "snd_hda_intel", "0x040300\n");
	assert_uses("00:09.0", "");
}

/* ---- disks ---- */

static void add_disk(void)
{
	add(DISK, "ahci", "0x010601\n");
	add_part("block", ROOT DISK "/ata1/block", "sda", "8:0\n");
	add_part("block", ROOT DISK "/ata1/block/sda", "sda1", "8:1\n");
	add_part("block", ROOT DISK "/ata1/block/sda", "sda2", "8:2\n");
	tree_write("proc/self/mountinfo", "22 1 0:5 / /dev rw - devtmpfs devtmpfs rw\n");
	tree_write("proc/swaps", "Filename\t\t\t\tType\t\tSize\n");
}

static void test_mounts(void **state)
{
	(void)state;
	add_disk();
	assert_uses(DISK, "");
	tree_write("proc/self/mountinfo", "23 1 8:10 / /other rw - ext4 /dev/sda10 rw\n"
					  "24 1 8:1 / /my\\040disk rw,noatime master:1 - ext4 /dev/root rw\n");
	assert_uses(DISK, "mounted /my disk");
	assert_fact(DISK, "/proc/self/mountinfo");
	tree_write("proc/self/mountinfo", "23 1 0:33 / / rw shared:1 - btrfs /dev/sda2 rw\n"
					  "24 1 0:33 /home /home rw shared:1 - btrfs /dev/sda2 rw\n"
					  "25 1 0:33 /var /var rw shared:1 - btrfs /dev/sda2 rw");
	assert_uses(DISK, "mounted / and 2 more");
	tree_write("proc/self/mountinfo", "");
	tree_mkdir("sys/fs/btrfs/4711/devices/sda2");
	assert_uses(DISK, "btrfs on sda2");
}

/* A service has mounts of its own; those of the machine are seen beside them. */
static void test_mounts_of_the_machine(void **state)
{
	(void)state;
	add_disk();
	tree_link("mnt:[1]", "proc/1/ns/mnt");
	tree_link("mnt:[1]", "proc/self/ns/mnt");
	tree_write("proc/1/mountinfo", "24 1 8:1 / /data rw - ext4 /dev/sda1 rw\n");
	assert_uses(DISK, "");
	tree_unlink("proc/self/ns/mnt");
	tree_link("mnt:[2]", "proc/self/ns/mnt");
	assert_uses(DISK, "mounted /data");
	assert_fact(DISK, "/proc/1/mountinfo");
}

static void test_swap(void **state)
{
	(void)state;
	add_disk();
	tree_write("proc/swaps", "Filename\tType\n/dev/sda21 partition 1 0 -2\n/dev/sda2\t\tpartition\t1\t0\t-2\n");
	assert_uses(DISK, "swap on sda2");
	assert_fact(DISK, "/proc/swaps");
	tree_write("proc/swaps", "/dev/sda partition 1 0 -2\n/dev/sd partition 1 0 -2\n");
	assert_uses(DISK, "swap on sda");
}

static void test_volumes(void **state)
{
	(void)state;
	add_disk();
	add_part("block", "devices/virtual/block", "md0", "9:0\n");
	add_part("block", "devices/virtual/block", "dm-3", "252:3\n");
	tree_link("../../../../../../virtual/block/md0", "sys/" ROOT DISK "/ata1/block/sda/sda2/holders/md0");
	assert_uses(DISK, "held by md0");
	assert_fact(DISK, "/sys/class/block/md0/slaves");
	tree_link("../../dm-3", "sys/devices/virtual/block/md0/holders/dm-3");
	tree_write("proc/self/mountinfo", "24 1 252:3 / / rw - xfs /dev/mapper/root rw\n");
	assert_uses(DISK, "mounted /, held by md0, held by dm-3");
	tree_link("../../md0", "sys/devices/virtual/block/dm-3/holders/md0"); /* a loop */
	assert_uses(DISK, "mounted /, held by md0, held by dm-3");
}

static void test_disk_of_several_controllers(void **state)
{
	(void)state;
	add(DISK, "nvme", "0x010802\n");
	add_part("nvme", ROOT DISK "/nvme", "nvme0", "240:0\n");
	add_part("block", ROOT DISK "/nvme/nvme0", "nvme0c0n1", NULL);
	add_part("nvme-subsystem", "devices/virtual/nvme-subsystem", "nvme-subsys4", NULL);
	add_part("block", "devices/virtual/nvme-subsystem/nvme-subsys4", "nvme0n1", "259:0\n");
	tree_write("proc/swaps", "");
	tree_write("proc/self/mountinfo", "24 1 259:0 / /data rw - xfs /dev/nvme0n1 rw\n");
	assert_uses(DISK, "");
	tree_link("../../../x", "sys/devices/virtual/nvme-subsystem/nvme-subsys4/nvme0");
	assert_uses(DISK, "mounted /data");
}

/* A disk of which nobody knows whether it is mounted is not free. */
static void test_mounts_that_cannot_be_read(void **state)
{
	(void)state;
	add_disk();
	tree_unlink("proc/self/mountinfo");
	assert_uses(DISK, "[what is mounted cannot be read]");
	add_nic();
	assert_uses(NIC, "");
}

static void test_hostile_mounts(void **state)
{
	static const char *const texts[] = {
		"\n\n\n", "24 1 8:1", "24 1 8:1 ", "24 1 8:1 / ", "24 1 8:1 / \n", "x", "24 1 9:9 / / rw -",
		"24 1 9:9 / / rw - ", "24 1 9:9 / / rw - ext4", "24 1 9:9 / / rw - ext4 ", "-1 -1 -1:-1 / / - - -",
	};
	char text[9000];

	(void)state;
	add_disk();
	for (size_t i = 0; i < COUNT(texts); i++) {
		tree_write("proc/self/mountinfo", texts[i]);
		tree_write("proc/swaps", texts[i]);
		tree_write("proc/net/route", texts[i]);
		tree_write("proc/net/ipv6_route", texts[i]);
		tree_write("proc/iomem", texts[i]);
		uses_of(DISK, &(struct machine_uses){ .count = 0 });
	}
	memset(text, 'm', sizeof(text) - 1);
	memcpy(text, "24 1 8:1 / /mm", strlen("24 1 8:1 / /mm"));
	text[sizeof(text) - 1] = '\0';
	tree_write("proc/self/mountinfo", text);
	assert_true(strncmp(uses_of(DISK, &(struct machine_uses){ .count = 0 }), "mounted /mmm", 12) == 0);
}

/* ---- displays and consoles ---- */

static void test_display(void **state)
{
	(void)state;
	tree_write("proc/iomem", "");
	add(GPU, "i915", "0x030000\n");
	tree_write("sys/" ROOT GPU "/boot_vga", "0\n");
	assert_uses(GPU, "");
	tree_write("sys/" ROOT GPU "/boot_vga", "1\n");
	assert_uses(GPU, "boot display");
	assert_fact(GPU, "/sys/bus/pci/devices/" GPU "/boot_vga");
	tree_unlink("proc/iomem");
	assert_uses(GPU, "boot display, [framebuffers cannot be read]");
}

static void test_framebuffer(void **state)
{
	(void)state;
	add(GPU, NULL, "0x030000\n");
	add("0000:00:03.0", NULL, "0x030000\n");
	tree_write("proc/iomem", "00000000-00000000 : PCI Bus 0000:00\n"
				 "  00000000-00000000 : 0000:00:02.0\n"
				 "    00000000-00000000 : BOOTFB\n"
				 "  00000000-00000000 : 0000:00:03.0\n"
				 "  00000000-00000000 : simpledrm\n"
				 "00000000-00000000 : efifb\n");
	assert_uses(GPU, "framebuffer BOOTFB");
	assert_fact(GPU, "/proc/iomem");
	assert_uses("00:03.0", ""); /* it is beside the device, not below it */
	tree_write("proc/iomem", "0-0 : PCI Bus 0000:00\n  0-0 : 0000:00:03.0\n    0-0 : 0000:01:00.0\n"
				 "      0-0 : simpledrm\n");
	assert_uses("00:03.0", "");
}

static void test_console(void **state)
{
	(void)state;
	add("0000:00:09.0", "serial", "0x070002\n");
	add_part("tty", ROOT "0000:00:09.0/tty", "ttyS4", "4:68\n");
	assert_uses("00:09.0", "");
	tree_write("sys/class/tty/console/active", "tty0 ttyS41\n");
	assert_uses("00:09.0", "");
	tree_write("sys/class/tty/console/active", "tty0 ttyS4\n");
	assert_uses("00:09.0", "console ttyS4");
	assert_fact("00:09.0", "/sys/class/tty/console/active");
}

/* ---- functions ---- */

static void test_virtual_functions(void **state)
{
	(void)state;
	add(NIC, "vfio-pci", "0x020000\n");
	tree_mkdir("sys/" ROOT NIC "/vfio-dev/vfio0");
	tree_write("sys/" ROOT NIC "/sriov_numvfs", "0\n");
	assert_uses(NIC, "");
	tree_write("sys/" ROOT NIC "/sriov_numvfs", "1\n");
	assert_uses(NIC, "1 VF");
	tree_write("sys/" ROOT NIC "/sriov_numvfs", "16\n");
	assert_uses(NIC, "16 VFs");
	assert_fact(NIC, "/sys/bus/pci/devices/" NIC "/sriov_numvfs");
}

static void test_mdevs(void **state)
{
	(void)state;
	tree_write("proc/iomem", "");
	add(GPU, "i915", "0x038000\n");
	tree_mkdir("sys/" ROOT GPU "/mdev_supported_types/i915-GVTg");
	assert_uses(GPU, "");
	tree_mkdir("sys/" ROOT GPU "/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001");
	assert_uses(GPU, "1 mdev");
}

/* A stick of USB is a disk of the controller's. */
static void test_usb(void **state)
{
	(void)state;
	add_disk();
	add("0000:00:14.0", "xhci_hcd", "0x0c0330\n");
	add_part("block", ROOT "0000:00:14.0/usb1/1-1/host5/block", "sdb", "8:16\n");
	tree_write("proc/self/mountinfo", "24 1 8:16 / /media rw - vfat /dev/sdb rw\n");
	assert_uses("00:14.0", "mounted /media");
	assert_uses("sdb", "mounted /media");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_interface), TEST(test_default_route),
		TEST(test_default_route_of_what_is_made_of_it), TEST(test_no_interface),
		TEST(test_mounts), TEST(test_mounts_of_the_machine), TEST(test_swap), TEST(test_volumes),
		TEST(test_disk_of_several_controllers), TEST(test_mounts_that_cannot_be_read),
		TEST(test_hostile_mounts), TEST(test_display), TEST(test_framebuffer), TEST(test_console),
		TEST(test_virtual_functions), TEST(test_mdevs), TEST(test_usb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
