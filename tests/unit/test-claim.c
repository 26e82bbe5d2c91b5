/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claim and release on a kernel that is made up: there and back, refused, failed, killed. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers.h"
#include "follow.h"
#include "output/message.h"
#include "unit.h"

/* ---- there and back ---- */

static void test_there_and_back(void **state)
{
	struct world *world = *state;

	ok(world, "claim " NIC);
	assert_string_equal(printed(world), "ADDRESS       DEVICE  DRIVER\n" NIC "  vfio7   vfio-pci\n");
	assert_claimed();
	ok(world, "claim 00:09.0 --json");
	assert_string_equal(printed(world), "{\"version\":1,\"changed\":false,\"devices\":[{\"address\":\"" NIC
					    "\",\"device\":\"vfio7\",\"driver\":\"vfio-pci\"}]}\n");
	ok(world, "release vfio7 --json");
	assert_string_equal(printed(world), "{\"version\":1,\"changed\":true,\"devices\":[{\"address\":\"" NIC
					    "\",\"device\":null,\"driver\":\"e1000e\"}]}\n");
	assert_untouched();
	ok(world, "release " NIC " --json");
	assert_printed(world, "\"changed\":false");
	ok(world, "release --all --json");
	assert_printed(world, "\"changed\":false,\"devices\":[]");
	assert_false(exists("run/iommufdctl/claims/.lock-pci:" NIC));
}

/* What a device had before need not be what its ids lead to. */
static void test_back_to_what_was_before(void **state)
{
	static const char *const drivers[] = { NULL, "pci-stub", "e1000e", "vfio-pci-core2" };
	static const char *const overrides[] = { "(null)\n", "pci-stub\n", "e1000e\n", "nosuch\n" };
	struct world *world = *state;

	tree_mkdir("sys/bus/pci/drivers/pci-stub");
	tree_write("sys/bus/pci/drivers/pci-stub/unbind", "");
	tree_mkdir("sys/bus/pci/drivers/vfio-pci-core2");
	tree_write("sys/bus/pci/drivers/vfio-pci-core2/unbind", "");
	for (size_t i = 0; i < COUNT(drivers); i++)
		for (size_t j = 0; j < COUNT(overrides); j++) {
			tree_unlink(DIRECTORY NIC "/driver");
			if (drivers[i]) {
				char target[64];

				snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", drivers[i]);
				tree_link(target, DIRECTORY NIC "/driver");
			}
			set(NIC, "driver_override", overrides[j]);
			ok(world, "claim " NIC " --driver vfio-pci");
			assert_claimed();
			ok(world, "release " NIC);
			assert_string_equal(driver_of(NIC), drivers[i] ?: "");
			assert_string_equal(override_of(NIC), overrides[j]);
			if (!drivers[i])
				tree_link("nowhere/x", DIRECTORY NIC "/driver");
		}
}

static void test_dry_run(void **state)
{
	struct world *world = *state;

	ok(world, "claim " NIC " --dry-run --owner 0 --mode 660");
	assert_printed(world, "record  ");
	assert_printed(world, "sys/bus/pci/devices/" NIC "/driver_override");
	assert_printed(world, "sys/bus/pci/drivers/e1000e/unbind");
	assert_printed(world, "dev/vfio/devices/vfioN");
	assert_printed(world, "0:- 660");
	assert_int_equal(made_up.writes, 0);
	assert_untouched();
	assert_false(exists("run/iommufdctl"));
	ok(world, "claim " NIC);
	ok(world, "claim " NIC " --dry-run --json");
	assert_string_equal(printed(world), "{\"version\":1,\"changed\":false,\"steps\":[]}\n");
	ok(world, "release " NIC " --dry-run --json");
	assert_printed(world, "\"changed\":true");
	assert_printed(world, "sys/bus/pci/drivers/vfio-pci/unbind");
	assert_claimed();
}

/* ---- refused ---- */

static void test_what_can_never_work(void **state)
{
	struct world *world = *state;

	set(NIC, "class", "0x060400\n");
	set(NIC, "vendor", "0x8086\n");
	assert_refuses(world, "claim " NIC " --force", EXIT_FAILED, "it is a PCI bridge (class 0604)");
	set(NIC, "class", "0x0b4000\n");
	set(NIC, "device", "0x37c8\n");
	assert_refuses(world, "claim " NIC " --force", EXIT_FAILED, "vfio-pci does not take 8086:37c8");
	set(NIC, "device", "0x10d3\n");
	tree_write("sys/kernel/iommu_groups/20/reserved_regions", "0x00000000000e0000 0x00000000000effff direct\n");
	assert_refuses(world, "claim " NIC " --force", EXIT_FAILED, "the firmware has it reach memory at 0xe0000-0xeffff");
	set(NIC, "device", "0x37c8\n"); /* all reasons at once */
	assert_refuses(world, "claim " NIC, EXIT_FAILED, "directly (");
	assert_said(world, "vfio-pci does not take 8086:37c8");
	assert_untouched();
}

static void test_iommu_is_off(void **state)
{
	struct world *world = *state;

	tree_unlink("sys/class/iommu/dmar0");
	tree_unlink(DIRECTORY NIC "/iommu_group");
	assert_refuses(world, "claim " NIC " --force", EXIT_FAILED, "this machine has no IOMMU that is on (");
	assert_said(world, "cannot be seen: enable it in the firmware's settings");
}

static void test_in_use(void **state)
{
	struct world *world = *state;

	tree_write(DIRECTORY NIC "/net/eth0/flags", "0x1003\n");
	tree_link("../../../../../class/net", DIRECTORY NIC "/net/eth0/subsystem");
	tree_link("../../devices/pci0000:00/" NIC "/net/eth0", "sys/class/net/eth0");
	set(NIC, "class", "0x020000\n");
	tree_write("proc/net/route", "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
				     "eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
	assert_refuses(world, "claim " NIC, EXIT_FAILED, "in use: default route (");
	assert_said(world, "in use: interface eth0 up (");
	assert_said(world, "--force takes it from whoever uses it");
	assert_untouched();
	ok(world, "claim eth0 --force");
	assert_claimed();
}

static void test_siblings(void **state)
{
	struct world *world = *state;

	add_nic(SIBLING, "e1000e", "20");
	assert_refuses(world, "claim " NIC, EXIT_FAILED, SIBLING " of its IOMMU group, 20, has a driver of the host, e1000e");
	assert_said(world, "--group claims that one, too");
	assert_refuses(world, "claim " NIC " --force", EXIT_FAILED, SIBLING);
	tree_unlink(DIRECTORY SIBLING "/driver");
	ok(world, "claim " NIC);
	ok(world, "release " NIC);
}

static void test_no_such_thing(void **state)
{
	struct world *world = *state;

	assert_refuses(world, "claim 0000:00:1f.7", EXIT_FAILED, "no such device (ENODEV)");
	assert_refuses(world, "claim nosuch0", EXIT_FAILED, "no such device (ENODEV)");
	assert_refuses(world, "release 0000:00:1f.7", EXIT_FAILED, "there is no such device, and no claim of one");
	assert_refuses(world, "release", EXIT_USAGE, "an argument is missing");
	assert_refuses(world, "release --all " NIC, EXIT_USAGE, "--all goes without a device");
	assert_refuses(world, "claim " NIC " --mode 888", EXIT_USAGE, "is no mode");
	assert_refuses(world, "claim " NIC " --mode 1777", EXIT_USAGE, "is no mode");
	assert_refuses(world, "claim " NIC " --owner no.such.user", EXIT_USAGE, "there is no user");
	assert_refuses(world, "claim " NIC " --owner 0:no.such.group", EXIT_USAGE, "there is no group");
	assert_refuses(world, "claim " NIC " --driver no-such-driver", EXIT_UNSUPPORTED, "no driver no-such-driver");
	assert_refuses(world, "claim " MDEV " --driver vfio-pci", EXIT_UNSUPPORTED, "the driver that it was made with");
	assert_untouched();
	ok(world, "claim " MDEV " --json");
	assert_printed(world, "\"changed\":false");
}

/* ---- it fails on the way ---- */

static void test_no_driver_takes_it(void **state)
{
	struct world *world = *state;

	made_up.takes_nothing = true;
	assert_fails(world, "claim " NIC, EXIT_FAILED, "vfio-pci did not take it (ENXIO)");
	assert_said(world, "hint: " NIC " is as it was before");
	assert_untouched();
	made_up.takes_nothing = false;
	made_up.makes_no_cdev = true;
	assert_fails(world, "claim " NIC " --driver vfio-pci", EXIT_FAILED, "vfio-pci took it, but there is no cdev of it");
	assert_untouched();
}

static void test_each_write_fails(void **state)
{
	struct world *world = *state;

	for (int i = 1; i <= 3; i++) {
		made_up.writes = 0;
		made_up.fail_at = i;
		assert_fails(world, "claim " NIC, EXIT_FAILED, ": Input/output error (EIO)");
		assert_untouched();
	}
	for (int i = 1; i <= 4; i++) {
		made_up.fail_at = 0;
		ok(world, "claim " NIC);
		made_up.writes = 0;
		made_up.fail_at = i;
		assert_fails(world, "release " NIC, EXIT_FAILED, "Input/output error (EIO)");
		assert_true(exists(RECORD));
		made_up.fail_at = 0;
		works(world, "what was before is still known: {iommufdctl release %}");
		assert_untouched();
	}
}

static void test_signal(void **state)
{
	struct world *world = *state;

	for (int i = 1; i <= 2; i++) {
		made_up.writes = 0;
		made_up.signal_at = i;
		assert_fails(world, "claim " NIC, EXIT_FAILED, "a signal came");
		assert_untouched();
	}
}

/* Run a line in a process of its own. Its exit status. */
static int run_apart(struct world *world, const char *line)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		command(world, "%s", line);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

static void stop_and_release(struct world *world, const char *line)
{
	assert_int_equal(run_apart(world, line), KILLED);
	made_up.die_before = made_up.die_behind = 0;
	ok(world, "release " NIC);
	assert_untouched();
}

static void test_killed_at_each_write(void **state)
{
	struct world *world = *state;

	for (int i = 1; i <= 3; i++) {
		made_up.die_before = i;
		stop_and_release(world, "claim " NIC);
		made_up.die_behind = i;
		stop_and_release(world, "claim " NIC);
	}
	for (int i = 1; i <= 4; i++) {
		ok(world, "claim " NIC);
		made_up.writes = 0;
		made_up.die_behind = i;
		stop_and_release(world, "release " NIC);
	}
	made_up.die_behind = 2;
	assert_int_equal(run_apart(world, "claim " NIC), KILLED);
	made_up.die_behind = 0;
	assert_refuses(world, "claim " NIC, EXIT_FAILED, "a claim of it was stopped, or its driver was changed since: it is none");
	works(world, "{iommufdctl release %}");
	assert_untouched();
}

static void test_unbind_that_waits(void **state)
{
	struct world *world = *state;

	made_up.never_unbinds = true;
	assert_fails(world, "claim " NIC, EXIT_FAILED, "e1000e has not let it go: process");
	assert_true(exists(RECORD));
	made_up.never_unbinds = false;
	works(world, "end what uses the device; behind that: {iommufdctl release %}");
	assert_untouched();
}

static void test_driver_that_was_unloaded(void **state)
{
	struct world *world = *state;

	ok(world, "claim " NIC);
	assert_refuses(world, "claim " NIC " --driver other-vfio", EXIT_FAILED, "it is claimed already, for vfio-pci");
	tree_unlink("sys/bus/pci/drivers/e1000e/unbind");
	tree_unlink("sys/bus/pci/drivers/e1000e");
	assert_refuses(world, "release " NIC, EXIT_FAILED, "the driver that it had, e1000e, is not there any more");
	tree_write("sys/bus/pci/drivers/e1000e/unbind", "");
	works(world, "modprobe %; {iommufdctl release %}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, drivers_setup, drivers_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_there_and_back),
		TEST(test_back_to_what_was_before),
		TEST(test_dry_run),
		TEST(test_what_can_never_work),
		TEST(test_iommu_is_off),
		TEST(test_in_use),
		TEST(test_siblings),
		TEST(test_no_such_thing),
		TEST(test_no_driver_takes_it),
		TEST(test_each_write_fails),
		TEST(test_signal),
		TEST(test_killed_at_each_write),
		TEST(test_unbind_that_waits),
		TEST(test_driver_that_was_unloaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
