/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who holds a device, and how, in trees that are laid out as machines have /sys and /proc. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/find.h"
#include "machine/users.h"
#include "tree.h"
#include "unit.h"
#include "util/process.h"

#define ADDRESS "0000:00:04.0"
#define DIRECTORY "devices/pci0000:00/" ADDRESS

static void add_device(const char *cdev, const char *driver)
{
	const struct tree_device device = { cdev, "pci0000:00", ADDRESS, "pci", driver, "12", NULL };

	tree_add(&device);
}

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

static void look_until(uint64_t end, struct machine_users *users)
{
	struct machine_device device;
	struct machine_held held;

	assert_int_equal(machine_find_device(ADDRESS, &device), 0);
	machine_held_read(&held, end);
	machine_users_of_device(&held, &device, users);
	machine_held_free(&held);
}

static void look(struct machine_users *users)
{
	look_until(clock_ms() + 5000, users);
}

static void assert_nobody(void)
{
	struct machine_users users;

	look(&users);
	assert_int_equal(users.count, 0);
	assert_false(users.more || users.unseen);
}

static void assert_user(int pid, enum machine_hold how, const char *path)
{
	struct machine_users users;

	look(&users);
	assert_int_equal(users.count, 1);
	assert_int_equal(users.items[0].pid, pid);
	assert_int_equal(users.items[0].how, how);
	assert_string_equal(users.items[0].path, path);
	assert_string_equal(users.items[0].command, "qemu");
	assert_string_equal(users.items[0].session, "");
	assert_true(*machine_hold_text(how));
}

static void test_by_fd(void **state)
{
	(void)state;
	add_device("vfio1", "vfio-pci");
	add_process(41, "bash\n", "/dev/vfio/devices/vfio10");
	add_process(42, "bash\n", "/dev/vfio/120");
	add_process(43, "bash\n", "/home/dev/vfio/devices/vfio");
	assert_nobody();
	add_process(44, "qemu\n", "/dev/vfio/devices/vfio1");
	assert_user(44, HOLD_CDEV, "/dev/vfio/devices/vfio1");
}

/* This process too: a batch may have it. */
static void test_by_this_process(void **state)
{
	(void)state;
	add_device("vfio1", "vfio-pci");
	add_process(getpid(), "qemu\n", "/dev/vfio/devices/vfio1");
	assert_user(getpid(), HOLD_CDEV, "/dev/vfio/devices/vfio1");
}

static void test_by_mapping(void **state)
{
	(void)state;
	add_device("vfio1", "vfio-pci");
	add_process(44, "qemu\n", "/dev/null");
	tree_write("proc/44/maps", "7f00-7f01 rw-s 00000000 00:05 1 /dev/vfio/devices/vfio11\n");
	assert_nobody();
	tree_write("proc/44/maps", "7f00-7f01 rw-s 00000000 00:05 1 /dev/vfio/devices/vfio1\n");
	assert_user(44, HOLD_MAPPING, "/dev/vfio/devices/vfio1");
}

static void test_by_group(void **state)
{
	(void)state;
	add_device("vfio1", "vfio-pci");
	add_process(44, "qemu\n", "/dev/vfio/12");
	assert_user(44, HOLD_GROUP, "/dev/vfio/12");
	tree_unlink("proc/44/fd/7");
	tree_link("/dev/vfio/noiommu-12", "proc/44/fd/7");
	assert_user(44, HOLD_GROUP, "/dev/vfio/noiommu-12");
	/* The device, by a group that was closed: the kernel may say which it is. */
	tree_unlink("proc/44/fd/7");
	tree_link("anon_inode:[vfio-device]", "proc/44/fd/7");
	assert_nobody();
	tree_write("proc/44/fdinfo/7", "pos:\t0\nvfio-device-syspath: /sys/devices/pci0000:00/0000:00:04.1\n");
	assert_nobody();
	tree_write("proc/44/fdinfo/7", "pos:\t0\nvfio-device-syspath: /sys/" DIRECTORY "\n");
	assert_user(44, HOLD_GROUP, "anon_inode:[vfio-device]");
}

/* An unbind waits: the node, and what sysfs had of it, are gone. */
static void test_by_a_node_that_is_gone(void **state)
{
	(void)state;
	add_device("vfio1", "vfio-pci");
	add_process(44, "qemu\n", "/dev/vfio/devices/vfio1 (deleted)");
	assert_user(44, HOLD_DELETED, "/dev/vfio/devices/vfio1 (deleted)");
	tree_remove();
	tree_create();
	add_device(NULL, NULL);
	add_process(44, "qemu\n", "/dev/vfio/devices/vfio1 (deleted)");
	assert_user(44, HOLD_PERHAPS, "/dev/vfio/devices/vfio1 (deleted)");
	tree_write("proc/44/fdinfo/7", "vfio-device-syspath: /sys/devices/pci0000:00/0000:00:04.1\n");
	assert_nobody();
	tree_write("proc/44/fdinfo/7", "vfio-device-syspath: /sys/" DIRECTORY "\n");
	assert_user(44, HOLD_DELETED, "/dev/vfio/devices/vfio1 (deleted)");
}

/* That of a device which has a driver is another one's. */
static void test_a_node_that_is_gone_of_another(void **state)
{
	(void)state;
	add_device(NULL, "e1000e");
	add_process(44, "qemu\n", "/dev/vfio/devices/vfio1 (deleted)");
	assert_nobody();
}

/* /dev/full plays the node of a host's driver; the process has it below another name. */
static void test_by_a_node_of_the_host(void **state)
{
	struct stat st;
	char text[64];

	(void)state;
	add_device(NULL, "nvme");
	assert_int_equal(stat("/dev/full", &st), 0);
	snprintf(text, sizeof(text), "%u:%u\n", (unsigned int)(st.st_rdev >> 8), (unsigned int)(st.st_rdev & 255));
	tree_link("../../../../../class/nvme", "sys/" DIRECTORY "/nvme/nvme0/subsystem");
	tree_write("sys/" DIRECTORY "/nvme/nvme0/dev", text);
	tree_link("/dev/full", "dev/inside");
	add_process(41, "bash\n", "/dev/zero");
	assert_nobody();
	add_process(44, "qemu\n", tree_path("dev/inside"));
	assert_user(44, HOLD_NODE, tree_path("dev/inside"));
	tree_unlink("proc/44/fd/7");
	tree_unlink("sys/" DIRECTORY "/nvme/nvme0/dev");
	tree_write("sys/" DIRECTORY "/nvme/nvme0/dev", "240:7\n");
	tree_write("sys/" DIRECTORY "/nvme/nvme0/uevent", "DEVNAME=sub/nvme0\n");
	tree_link("/dev/sub/nvme0", "proc/44/fd/7");
	assert_user(44, HOLD_NODE, "/dev/sub/nvme0");
	tree_unlink("proc/44/fd/7");
	tree_write("proc/driver/nvidia/gpus/" ADDRESS "/information", "Model: \t x\nDevice Minor: \t 3\n");
	tree_link("/dev/nvidia3", "proc/44/fd/7");
	assert_user(44, HOLD_NODE, "/dev/nvidia3");
}

static void test_a_session(void **state)
{
	struct machine_users users;

	(void)state;
	add_device("vfio1", "vfio-pci");
	add_process(44, "iommufdctl\n", "/dev/vfio/devices/vfio1");
	look(&users);
	assert_string_equal(users.items[0].session, "");
	tree_link("socket:[4711]", "proc/44/fd/5");
	tree_write("proc/net/unix", "Num       RefCount Protocol Flags    Type St Inode Path\n"
				    "0000000000000000: 00000002 00000000 00000000 0002 01 47 /proc/self/fd/4/other\n"
				    "0000000000000000: 00000002 00000000 00010000 0005 01 4711\n"
				    "0000000000000000: 00000002 00000000 00010000 0005 01 4712 /proc/self/fd/4/x\n");
	look(&users);
	assert_string_equal(users.items[0].session, "");
	tree_write("proc/net/unix",
		   "0000000000000000: 00000002 00000000 00010000 0005 01  4711 /proc/self/fd/4/lab\n");
	look(&users);
	assert_string_equal(users.items[0].session, "lab");
	tree_write("proc/44/comm", "else\n");
	look(&users);
	assert_string_equal(users.items[0].session, "");
}

static void test_who_may_not_be_seen(void **state)
{
	struct machine_users users;

	(void)state;
	add_device("vfio1", "vfio-pci");
	tree_mkdir("proc/44/fd");
	assert_int_equal(chmod(tree_path("proc/44/fd"), 0), 0);
	look(&users);
	assert_int_equal(users.count, 0);
	assert_int_equal(users.unseen, geteuid() != 0);
	assert_int_equal(chmod(tree_path("proc/44/fd"), 0700), 0);
}

static void test_many(void **state)
{
	struct machine_users users;

	(void)state;
	add_device("vfio1", "vfio-pci");
	for (int pid = 100; pid < 100 + MACHINE_USERS; pid++)
		add_process(pid, "many\n", "/dev/vfio/devices/vfio1");
	look(&users);
	assert_int_equal(users.count, MACHINE_USERS);
	assert_false(users.more);
	add_process(99, "many\n", "/dev/vfio/devices/vfio1");
	look(&users);
	assert_int_equal(users.count, MACHINE_USERS);
	assert_true(users.more);
	look_until(clock_ms(), &users);
	assert_true(users.count <= 1 && users.more); /* the time is up */
}

static bool holds(const struct machine_users *users, int pid, enum machine_hold how)
{
	for (size_t i = 0; i < users->count; i++)
		if (users->items[i].pid == pid)
			return users->items[i].how == how;
	return false;
}

/* What was read once tells of each of them. */
static void test_of_several_devices(void **state)
{
	static const struct tree_device second = { "vfio2", "pci0000:00", "0000:00:05.0", "pci", "vfio-pci", "13",
						   NULL };
	struct machine_device device;
	struct machine_users users;
	struct machine_held held;

	(void)state;
	add_device("vfio1", "vfio-pci");
	tree_add(&second);
	add_process(44, "qemu\n", "/dev/vfio/devices/vfio1");
	tree_link("/dev/vfio/devices/vfio2", "proc/44/fd/8");
	add_process(45, "bash\n", "/dev/vfio/13");
	machine_held_read(&held, clock_ms() + 5000);
	assert_int_equal(held.count, 3);
	assert_int_equal(machine_find_device(ADDRESS, &device), 0);
	machine_users_of_device(&held, &device, &users);
	assert_int_equal(users.count, 1);
	assert_true(holds(&users, 44, HOLD_CDEV));
	assert_int_equal(machine_find_device(second.address, &device), 0);
	machine_users_of_device(&held, &device, &users);
	assert_int_equal(users.count, 2);
	assert_true(holds(&users, 44, HOLD_CDEV) && holds(&users, 45, HOLD_GROUP));
	machine_held_free(&held);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_by_fd), TEST(test_by_this_process), TEST(test_by_mapping), TEST(test_by_group),
		TEST(test_by_a_node_that_is_gone), TEST(test_a_node_that_is_gone_of_another),
		TEST(test_by_a_node_of_the_host), TEST(test_a_session), TEST(test_who_may_not_be_seen),
		TEST(test_many), TEST(test_of_several_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
