/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why something failed, on machines that no lab has: their /sys and /proc are made up. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "output/message.h"
#include "follow.h"
#include "world.h"
#include "unit.h"

enum { BIND = 0x3b76, ATTACH = 0x3b77, MAP_FILE = 0x3b8f, CHANGE_PROCESS = 0x3b92 };

static void assert_said(struct world *world, const char *text)
{
	if (!strstr(complained(world), text))
		fail_msg("expected '%s', it says: %s", text, complained(world));
}

static void assert_not_said(struct world *world, const char *text)
{
	if (strstr(complained(world), text))
		fail_msg("not expected '%s', it says: %s", text, complained(world));
}

static void add_to_group(const struct tree_device *device)
{
	char path[96], target[96];

	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%s/devices/%s", device->group, device->address);
	snprintf(target, sizeof(target), "../../../../devices/%s/%s", device->parent, device->address);
	tree_link(target, path);
}

/* ---- no IOMMU ---- */

/* It is behind none, as all devices of a machine whose IOMMU is off. */
static const struct tree_device without_group = {
	NULL, "pci0000:00", "0000:00:09.0", "pci", "e1000e", NULL, NULL,
};

static void test_no_iommu(void **state)
{
	static const struct {
		const char *table, *cmdline, *hint;
	} machines[] = {
		{ "DMAR", "quiet\n", "which the kernel does not use: boot with intel_iommu=on\n" },
		{ "DMAR", "intel_iommu=off\n", "switched off by intel_iommu=off: boot with intel_iommu=on and without intel_iommu=off\n" },
		{ "DMAR", "intel_iommu=sm_on,off iommu=off\n", "switched off by intel_iommu=off and iommu=off: " },
		{ "DMAR", "intel_iommu=on\n", "off in spite of intel_iommu=on: 'dmesg | grep -i DMAR' shows why" },
		{ "DMAR", "intel_iommu=igfx_off\n", "hint: intel_iommu=igfx_off leaves the integrated GPU without its IOMMU" },
		{ "IVRS", "amd_iommu=off\n", "AMD's, switched off by amd_iommu=off: boot without amd_iommu=off\n" },
		{ "IVRS", "amd_iommu=on\n", "hint: amd_iommu=on is no option, and does nothing: leave amd_iommu=on out\n" },
		{ "IORT", "\n", "of Arm's, which the kernel does not use: 'dmesg | grep -i smmu'" },
		{ "FACP", "\n", "the firmware tells of none: enable it in its settings" },
	};
	struct world *world = *state;
	char path[64];

	tree_add(&without_group);
	assert_refused(world, "bind 00:09.0", EXIT_FAILED, "no IOMMU here, or it is off (ENXIO)");
	assert_said(world, "cannot be seen: enable it in the firmware's settings");
	for (size_t i = 0; i < COUNT(machines); i++) {
		snprintf(path, sizeof(path), "sys/firmware/acpi/tables/%s", machines[i].table);
		tree_write(path, "");
		tree_write("proc/cmdline", machines[i].cmdline);
		assert_refused(world, "bind 00:09.0", EXIT_FAILED, "no IOMMU here, or it is off (ENXIO)");
		assert_said(world, machines[i].hint);
		assert_not_said(world, "driver_override");
		tree_unlink(path);
	}
	tree_mkdir("sys/class/iommu/dmar0");
	assert_refused(world, "bind 00:09.0", EXIT_FAILED, "it is behind no IOMMU (ENXIO)");
	works_in_tree(world, "'{ls -d /sys/bus/pci/devices/*/iommu_group}' shows");
}

/* ---- no driver ---- */

static void test_drivers_of_other_buses(void **state)
{
	static const struct tree_device made[] = {
		{ NULL, "platform", "fff51000.ethernet", "platform", NULL, "30", NULL },
		{ NULL, "pci10000:00", "10000:01:00.0", "pci", "nvme", "31", NULL },
		{ NULL, "virtual/x", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1009", "mdev", NULL, NULL, NULL },
	};
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(made); i++)
		tree_add(&made[i]);
	assert_refused(world, "bind fff51000.ethernet", EXIT_FAILED, "the device has no VFIO cdev (ENXIO)");
	assert_said(world, "hint: it has no driver: iommufdctl claim fff51000.ethernet\n");
	tree_mkdir("sys/bus/pci/drivers/vfio-pci");
	assert_refused(world, "bind 10000:01:00.0", EXIT_FAILED, "the device has no VFIO cdev (ENXIO)");
	assert_said(world, "hint: its driver is nvme: iommufdctl claim 10000:01:00.0\n");
	assert_refused(world, "bind 83b8f4f2-509f-382f-3c1e-e6bfe0fa1009", EXIT_FAILED, "(ENXIO)");
	assert_said(world, "gets one only when it is made");
}

static void test_override_that_did_nothing(void **state)
{
	const struct tree_device device = { NULL, "pci0000:00", "0000:00:0a.0", "pci", NULL, "32", NULL };
	const char *path = "sys/devices/pci0000:00/0000:00:0a.0/driver_override";
	struct world *world = *state;

	tree_add(&device);
	tree_write(path, "vfio-platform\n");
	assert_refused(world, "bind 00:0a.0", EXIT_FAILED, "(ENXIO)");
	assert_said(world, "as its driver_override is vfio-platform, which this kernel does not have: iommufdctl claim 0000:00:0a.0\n");
	tree_write(path, "vfio-pci\n");
	assert_refused(world, "bind 00:0a.0", EXIT_FAILED, "(ENXIO)");
	assert_said(world, "driver_override is vfio-pci, and this kernel has no such driver: "
			   "iommufdctl claim 0000:00:0a.0\n");
	tree_mkdir("sys/bus/pci/drivers/vfio-pci");
	assert_refused(world, "bind 00:0a.0", EXIT_FAILED, "(ENXIO)");
	assert_said(world, "driver_override is vfio-pci, which did not take it: iommufdctl claim 0000:00:0a.0\n");
}

/* ---- no driver helps ---- */

static void test_obstacles(void **state)
{
	static const struct tree_device made[] = {
		{ NULL, "pci0000:00", "0000:00:1c.0", "pci", "pcieport", "33", NULL },
		{ NULL, "pci0000:00", "0000:6b:00.0", "pci", "qat_c3xxx", "34", NULL },
	};
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(made); i++)
		tree_add(&made[i]);
	tree_write("sys/devices/pci0000:00/0000:00:1c.0/class", "0x060400\n");
	assert_refused(world, "bind 00:1c.0", EXIT_FAILED, "the device has no VFIO cdev (ENXIO)");
	assert_said(world, "hint: it is a PCI bridge (class 0604), which no VFIO driver takes: what is behind it");
	assert_not_said(world, "claim");
	tree_write("sys/devices/pci0000:00/0000:6b:00.0/class", "0x0b4000\n");
	tree_write("sys/devices/pci0000:00/0000:6b:00.0/vendor", "0x8086\n");
	tree_write("sys/devices/pci0000:00/0000:6b:00.0/device", "0x19e2\n");
	assert_refused(world, "bind 6b:00.0", EXIT_FAILED, "the device has no VFIO cdev (ENXIO)");
	assert_said(world, "hint: vfio-pci does not take 8086:19e2, which it has on a list of unsafe devices: where");
	assert_not_said(world, "claim");
}

/* Linux before 7.0 does not tell of which device it is. */
static void test_an_unbind_that_waits(void **state)
{
	static const struct tree_device device = { NULL, "pci0000:00", "0000:00:0b.0", "pci", NULL, "35", NULL };
	struct world *world = *state;

	tree_add(&device);
	tree_write("proc/4711/comm", "qemu-system-x86\n");
	tree_link("/dev/vfio/devices/vfio35 (deleted)", "proc/4711/fd/12");
	assert_refused(world, "bind 00:0b.0", EXIT_FAILED, "the device has no VFIO cdev (ENXIO)");
	assert_said(world, "hint: it has no driver, and 4711 (qemu-system-x86) has the cdev of a device open that is gone");
	assert_said(world, ": kill 4711, or have it close that\n");
	assert_not_said(world, "claim");
	tree_write("proc/4711/fdinfo/12", "pos:\t0\nvfio-device-syspath: /sys/devices/pci0000:00/0000:00:0b.0\n");
	assert_refused(world, "bind 00:0b.0", EXIT_FAILED, "the device has no VFIO cdev (ENXIO)");
	assert_said(world, "hint: an unbind waits for 4711 (qemu-system-x86), which has it open still: kill 4711");
	tree_write("proc/4711/fdinfo/12", "vfio-device-syspath: /sys/devices/pci0000:00/0000:00:0c.0\n");
	assert_refused(world, "bind 00:0b.0", EXIT_FAILED, "the device has no VFIO cdev (ENXIO)");
	assert_said(world, "hint: it has no driver: iommufdctl claim 0000:00:0b.0\n");
}

/* ---- no cdev ---- */

static void test_no_cdev(void **state)
{
	static const struct tree_device made[] = {
		{ "vfio20", "pci0000:00", "0000:00:14.0", "pci", "vfio-pci", "20", NULL, true },
		{ "vfio21", "pci0000:00", "0000:00:15.0", "pci", "vfio-pci", "21", NULL, true },
	};
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(made); i++)
		tree_add(&made[i]);
	tree_write("sys/kernel/iommu_groups/21/name", "vfio-noiommu\n");
	ok(world, "list --json");
	assert_non_null(strstr(printed(world), "\"group\":20,\"kind\":\"physical\",\"cdev\":null,"));
	assert_non_null(strstr(printed(world), "\"group\":21,\"kind\":\"noiommu\",\"cdev\":null,"));
	assert_refused(world, "bind vfio20", EXIT_UNSUPPORTED, "the kernel makes no cdev for the device: ");
	tree_write("proc/devices", "511 vfio\n");
	assert_refused(world, "bind vfio20", EXIT_UNSUPPORTED, "it lacks CONFIG_VFIO_DEVICE_CDEV (EOPNOTSUPP)");
	assert_refused(world, "bind vfio21", EXIT_UNSUPPORTED, "in noiommu mode (EOPNOTSUPP)");
}

/* ---- no IOMMU, and a cdev all the same ---- */

#define UNCONFINED "has no IOMMU: it can read and write all of memory"

/* Linux 7.3 attaches it as any other device, but what is mapped there confines nothing. */
static void test_noiommu_cdev(void **state)
{
	static const struct tree_device device = {
		"noiommu-vfio22", "pci0000:00", "0000:00:16.0", "pci", "vfio-pci", "22", "/dev/urandom",
	};
	struct world *world = *state;

	tree_add(&device);
	kernel_add(device.node, IOMMUFD_PHYSICAL, 22); /* to the iommufd it is one */
	ok(world, "list --json");
	assert_non_null(strstr(printed(world), "\"kind\":\"noiommu\""));
	ok(world, "ioas alloc --name a");
	ok(world, "bind 0000:00:16.0 --name bare");
	assert_said(world, "bare " UNCONFINED);
	ok(world, "show bare --json");
	assert_non_null(strstr(printed(world), "\"kind\":\"noiommu\""));
	assert_not_said(world, UNCONFINED);
	ok(world, "attach bare a");
	assert_said(world, "bare " UNCONFINED);
	assert_said(world, "the IOVAs of what it is attached to mean nothing to it");
	ok(world, "replace bare a");
	assert_said(world, UNCONFINED);
	ok(world, "detach bare");
	assert_not_said(world, UNCONFINED);
	ok(world, "bind vfio2 --name nic");
	ok(world, "attach nic a");
	assert_not_said(world, UNCONFINED);
}

/* ---- bind ---- */

static void refuse(unsigned long request, int error)
{
	kernel.refused = request;
	kernel.error = error;
}

static void test_sibling_with_a_driver_of_the_host(void **state)
{
	static const struct tree_device siblings[] = {
		{ NULL, "pci0000:00", "0000:00:05.1", "pci", "snd_hda_intel", "7", NULL },
		{ NULL, "pci0000:00", "0000:00:05.2", "pci", "xhci_hcd", "7", NULL },
		{ NULL, "pci0000:00", "0000:00:1c.0", "pci", "pcieport", "7", NULL },
		{ NULL, "pci0000:00", "0000:00:05.3", "pci", NULL, "7", NULL },
	};
	const struct tree_device itself = { .parent = "pci0000:00", .address = "0000:00:04.0", .group = "7" };
	struct world *world = *state;

	add_to_group(&itself);
	for (size_t i = 0; i < COUNT(siblings); i++) {
		tree_add(&siblings[i]);
		add_to_group(&siblings[i]);
	}
	refuse(BIND, EPERM);
	assert_fails(world, "bind vfio0", EXIT_FAILED, "of its IOMMU group, 7, has a driver of the host, ");
	assert_said(world, "0000:00:05.1");
	assert_said(world, "snd_hda_intel");
	assert_said(world, "if nothing here needs that: iommufdctl claim 0000:00:05.1\n");
	assert_said(world, "if nothing here needs that: iommufdctl claim 0000:00:05.2\n");
	assert_not_said(world, "1c.0");
	assert_not_said(world, "05.3");
	assert_not_said(world, "remap");
	for (size_t i = 0; i < 2; i++) /* as the kernel does then */
		tree_unlink(i ? "sys/devices/pci0000:00/0000:00:05.1/driver" : "sys/devices/pci0000:00/0000:00:05.2/driver");
	assert_fails(world, "bind vfio0", EXIT_FAILED, "or another driver or another iommufd owns");
	assert_not_said(world, "claim");
}

static void test_no_interrupt_remapping(void **state)
{
	struct world *world = *state;
	struct utsname name;

	uname(&name);
	if (strcmp(name.machine, "x86_64") != 0)
		skip();
	refuse(BIND, EPERM);
	tree_write("proc/cmdline", "intremap=off\n");
	tree_write("proc/interrupts", " 24:  0  PCI-MSI 65536-edge  PCIe PME\n");
	assert_fails(world, "bind vfio0", EXIT_FAILED, "this machine does not remap interrupts");
	assert_said(world, "hint: boot without intremap=off; where whoever drives the device is trusted: echo Y >");
	tree_write("sys/module/iommufd/parameters/allow_unsafe_interrupts", "Y\n");
	assert_fails(world, "bind vfio0", EXIT_FAILED, "or another driver or another iommufd owns"); /* nobody knows */
	tree_write("sys/module/iommufd/parameters/allow_unsafe_interrupts", "N\n");
	tree_write("proc/interrupts", " 24:  0  IR-PCI-MSI 65536-edge  PCIe PME\n");
	assert_fails(world, "bind vfio0", EXIT_FAILED, "or another driver or another iommufd owns");
}

static void test_somebody_has_it(void **state)
{
	const struct tree_device both[] = {
		{ .parent = "pci0000:00", .address = "0000:00:04.0", .group = "7" },
		{ .parent = "pci0000:00", .address = "0000:00:05.0", .group = "7" },
	};
	struct world *world = *state;

	setenv("XDG_RUNTIME_DIR", tree_path("."), 1); /* where sessions are, of who is not root */
	for (size_t i = 0; i < COUNT(both); i++)
		add_to_group(&both[i]);
	tree_link("/dev/vfio/devices/vfio0", "proc/4711/fd/12");
	tree_write("proc/4711/comm", "qemu-system-x86\n");
	tree_link("/dev/vfio/7", "proc/4712/fd/12");
	tree_write("proc/4712/comm", "dpdk\n");
	refuse(BIND, EINVAL);
	assert_fails(world, "bind vfio0", EXIT_FAILED, "bound already");
	assert_said(world, "hint: 4711 (qemu-system-x86) has it open");
	assert_fails(world, "bind vfio2", EXIT_FAILED, "bound already");
	assert_said(world, "'fuser -v ");
	assert_said(world, "/dev/vfio/devices/vfio2'");
	tree_write("proc/4711/comm", "iommufdctl\n");
	assert_fails(world, "bind vfio0", EXIT_FAILED, "bound already");
	works(world, "'{iommufdctl session list}' shows whose session it is");
	tree_write("proc/4711/comm", "qemu-system-x86\n");
	refuse(BIND, EBUSY);
	assert_fails(world, "bind vfio0", EXIT_FAILED, "group is in use");
	assert_said(world, "hint: 4712 (dpdk) has /dev/vfio/7 open");
	refuse(BIND, EPERM);
	assert_fails(world, "bind vfio1", EXIT_FAILED, "another iommufd has its IOMMU group, 7: 0000:00:04.0 of it is "
						       "open in 4711 (qemu-system-x86) (EPERM)");
}

static void test_a_region_of_the_firmware(void **state)
{
	struct world *world = *state;

	tree_write("sys/kernel/iommu_groups/8/reserved_regions", "0x9e000000 0x9fffffff direct\n");
	refuse(BIND, EINVAL);
	assert_fails(world, "bind vfio2", EXIT_FAILED,
		     "'vfio2': the firmware has it reach memory at 0x9e000000-0x9fffffff directly (EINVAL)");
	assert_said(world, "hint: switch off in the firmware's settings what uses it so");
	assert_not_said(world, "fuser");
}

/* ---- attach, map ---- */

static void add_limits(const char *cap, unsigned int pinned)
{
	char path[64], text[128];

	snprintf(path, sizeof(path), "proc/%d/limits", (int)getpid());
	tree_write(path, "Max locked memory         65536                65536                bytes\n");
	snprintf(path, sizeof(path), "proc/%d/status", (int)getpid());
	snprintf(text, sizeof(text), "CapEff:\t%s\nVmPin:\t%u kB\n", cap, pinned);
	tree_write(path, text);
}

static const char *own_cgroup(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "proc/%d/cgroup", (int)getpid());
	return path;
}

static void test_limits_of_memory(void **state)
{
	struct world *world = *state;

	ok(world, "ioas alloc --name a");
	ok(world, "mem create m 64K");
	refuse(MAP_FILE, ENOMEM);
	assert_fails(world, "ioas map a m", EXIT_FAILED, "RLIMIT_MEMLOCK, or out of memory (ENOMEM)");
	add_limits("0", 32);
	assert_fails(world, "ioas map a m", EXIT_FAILED,
		     "may pin 65536 bytes (RLIMIT_MEMLOCK), and 98304 are needed (ENOMEM)");
	assert_said(world, "hint: ulimit -l 96, ");
	add_limits("0", 0); /* others of the user have pinned */
	assert_fails(world, "ioas map a m", EXIT_FAILED, "RLIMIT_MEMLOCK, or out of memory (ENOMEM)");
	assert_said(world, "hint: ulimit -l 128, ");
	add_limits("0", 32);
	world->from.holder = (void *)world; /* which of them it is does not matter */
	tree_write(own_cgroup(), "0::/system.slice/iommufdctl@guest.service\n");
	assert_fails(world, "ioas map a m", EXIT_FAILED, "and 98304 are needed (ENOMEM)");
	assert_said(world, "the limit of the session's process counts; as root: prlimit --pid ");
	assert_said(world, "LimitMEMLOCK=98304 in iommufdctl@guest.service\n");
	assert_not_said(world, "ulimit");
	world->from.holder = NULL;
	add_limits("0000000000004000", 32);
	assert_fails(world, "ioas map a m", EXIT_FAILED, "pinning the memory failed: out of memory (ENOMEM)");
	assert_not_said(world, "ulimit");
	refuse(0, 0);
	ok(world, "ioas map a m --iova 1M");
	ok(world, "bind vfio2");
	refuse(ATTACH, ENOMEM);
	add_limits("0", 32);
	assert_fails(world, "attach vfio2 a", EXIT_FAILED, "may pin 65536 bytes (RLIMIT_MEMLOCK), and 98304 are needed");
	refuse(CHANGE_PROCESS, ENOMEM);
	assert_fails(world, "ioas change-process", EXIT_FAILED, "and 98304 are needed (ENOMEM)");
}

static void test_what_a_device_reserves(void **state)
{
	struct world *world = *state;

	tree_write("sys/kernel/iommu_groups/8/reserved_regions", "0x9e000000 0x9fffffff direct\n");
	ok(world, "ioas alloc --name a");
	ok(world, "mem create m 64K");
	ok(world, "bind vfio2");
	refuse(ATTACH, EADDRINUSE);
	assert_fails(world, "attach vfio2 a", EXIT_FAILED, "'a' has ranges of 'ioas allow'");
	assert_said(world, "hint: the device reserves 0x9e000000-0x9fffffff: direct\n");
	ok(world, "ioas map a m --iova 0x100000000");
	/* Too high for its IOMMU, perhaps: nobody knows. */
	assert_fails(world, "attach vfio2 a", EXIT_FAILED, "or is not aligned to the IOMMU's pages (EADDRINUSE)");
	assert_said(world, "hint: 'iommufdctl ioas ranges 1' shows");
	assert_said(world, "hint: 'cat /sys/kernel/iommu_groups/8/reserved_regions'");
	ok(world, "ioas map a m --iova 0x9dff8000");
	assert_fails(world, "attach vfio2 a", EXIT_FAILED, "the mapping 0x9dff8000-0x9e007fff of 'a' reaches into "
							   "0x9e000000-0x9fffffff, which the device reserves: direct");
}

/* ---- blanks ---- */

static void test_blanks_are_filled_in(void **state)
{
	struct world *world = *state;

	ok(world, "ioas alloc --name a");
	ok(world, "mem create m 64K");
	refuse(MAP_FILE, ENOSPC);
	assert_fails(world, "ioas map a m", EXIT_FAILED, "(ENOSPC)");
	assert_said(world, "hint: 'iommufdctl ioas ranges a' shows what is usable\n");
	refuse(0, 0);
	ok(world, "bind vfio2 --name nic");
	kernel.refused = 0x3b6f; /* VFIO_DEVICE_RESET */
	kernel.error = EINVAL;
	assert_fails(world, "reset nic", EXIT_FAILED, "(EINVAL)");
	assert_said(world, "'iommufdctl hot-reset nic' resets all");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_iommu), TEST(test_drivers_of_other_buses), TEST(test_override_that_did_nothing),
		TEST(test_obstacles), TEST(test_an_unbind_that_waits), TEST(test_a_region_of_the_firmware),
		TEST(test_no_cdev), TEST(test_noiommu_cdev), TEST(test_sibling_with_a_driver_of_the_host),
		TEST(test_no_interrupt_remapping), TEST(test_somebody_has_it), TEST(test_limits_of_memory),
		TEST(test_what_a_device_reserves), TEST(test_blanks_are_filled_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
