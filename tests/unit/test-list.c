/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of devices: in order, complete, and undisturbed by what is strange in a tree. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libiommufd.h"
#include "tree.h"
#include "unit.h"
#include "world.h"

static unsigned int broken_at; /* the call of readdir() that fails; 0: none */

struct dirent *readdir(DIR *dir)
{
	static struct dirent *(*next)(DIR *dir);

	if (!next)
		next = (struct dirent *(*)(DIR *))dlsym(RTLD_NEXT, "readdir");
	if (broken_at && !--broken_at) {
		errno = EIO;
		return NULL;
	}
	return next(dir);
}

static int setup(void **state)
{
	broken_at = 0;
	return tree_setup(state);
}

static void add(const char *cdev, const char *address)
{
	const struct tree_device device = { cdev, "pci0000:00", address, "pci", "vfio-pci", "1", NULL };

	tree_add(&device);
}

/* The names of the list, joined by blanks. */
static void assert_list(const char *expected)
{
	struct iommufd_device_list *list = NULL;
	char names[1024] = "";

	assert_int_equal(iommufd_device_list_new(&list), 0);
	for (size_t i = 0; i < iommufd_device_list_count(list); i++) {
		strcat(names, i ? " " : "");
		strcat(names, iommufd_device_list_at(list, i)->name);
	}
	assert_string_equal(names, expected);
	assert_null(iommufd_device_list_at(list, iommufd_device_list_count(list)));
	assert_null(iommufd_device_list_at(list, SIZE_MAX));
	iommufd_device_list_free(list);
}

static void test_nothing_there(void **state)
{
	(void)state;
	assert_list(""); /* no class: a kernel without VFIO cdevs */
	tree_mkdir("sys/class/vfio-dev");
	assert_list("");
	iommufd_device_list_free(NULL);
}

static void test_order(void **state)
{
	static const char *const cdevs[] = {
		"vfio10", "vfio2", "vfio100", "vfio0", "vfio9", "vfio1", "vfio20",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cdevs); i++) {
		char address[] = "0000:00:0x.0";

		address[9] = (char)('a' - (int)i + 5);
		add(cdevs[i], address);
	}
	assert_list("vfio0 vfio1 vfio2 vfio9 vfio10 vfio20 vfio100");
}

static void test_noiommu(void **state)
{
	struct iommufd_device device;

	(void)state;
	add("noiommu-vfio3", "0000:00:03.0");
	add("vfio12", "0000:00:12.0");
	add("vfio1", "0000:00:01.0");
	assert_list("vfio1 noiommu-vfio3 vfio12");
	assert_int_equal(iommufd_device_lookup("noiommu-vfio3", &device), 0);
	assert_string_equal(device.address, "0000:00:03.0");
	assert_string_equal(device.cdev, tree_path("dev/vfio/devices/noiommu-vfio3"));
	assert_int_equal(iommufd_device_lookup("00:03.0", &device), 0);
	assert_string_equal(device.name, "noiommu-vfio3");
}

static void test_foreign_names(void **state)
{
	(void)state;
	add("vfio1", "0000:00:01.0");
	tree_link("../../devices/x/vfio-dev/other", "sys/class/vfio-dev/other");
	tree_link("../../devices/x/vfio-dev/vfio", "sys/class/vfio-dev/vfio");
	tree_link("../../devices/x/vfio-dev/vfio1x", "sys/class/vfio-dev/vfio1x");
	tree_link("../../devices/x/vfio-dev/xvfio1", "sys/class/vfio-dev/xvfio1");
	tree_mkdir("sys/class/vfio-dev/power");
	assert_list("vfio1");
}

/* Between reading the directory and reading the device it was unplugged. */
static void test_unplugged_meanwhile(void **state)
{
	(void)state;
	add("vfio1", "0000:00:01.0");
	tree_link("../../devices/pci0000:00/0000:00:02.0/vfio-dev/vfio2", "sys/class/vfio-dev/vfio2");
	add("vfio3", "0000:00:03.0");
	tree_unlink("sys/devices/pci0000:00/0000:00:03.0/subsystem");
	add("vfio4", "0000:00:04.0");
	assert_list("vfio1 vfio4");
}

static void test_strange_links(void **state)
{
	struct iommufd_device device;

	(void)state;
	add("vfio1", "0000:00:01.0");
	tree_link("nowhere", "sys/class/vfio-dev/vfio5");
	tree_link("../../devices/pci0000:00/0000:00:06.0", "sys/class/vfio-dev/vfio6");
	assert_list("vfio1");
	assert_int_equal(iommufd_device_lookup("vfio5", &device), -ENODEV);
	assert_int_equal(iommufd_device_lookup("vfio6", &device), -ENODEV);
}

static void test_group_names(void **state)
{
	static const struct { const char *group; int expected; } cases[] = {
		{ "0", 0 }, { "7", 7 }, { "2147483647", INT32_MAX }, { "2147483648", -1 }, { "x", -1 },
		{ "-1", -1 }, { "7x", -1 }, { "99999999999999999999", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char cdev[16], address[] = "0000:00:00.0";
		struct tree_device device = { cdev, "pci0000:00", address, "pci", NULL, NULL, NULL };
		struct iommufd_device found;

		snprintf(cdev, sizeof(cdev), "vfio%zu", i);
		address[9] = (char)('0' + i);
		device.group = cases[i].group;
		tree_add(&device);
		assert_int_equal(iommufd_device_lookup(cdev, &found), 0);
		assert_int_equal(found.group, cases[i].expected);
	}
}

/* What does not fit is left empty, never cut off: half a path is another path. */
static void test_over_long_names(void **state)
{
	char parent[600], driver[100], address[65];
	struct tree_device device = { "vfio1", parent, "0000:00:01.0", "pci", driver, "1", NULL };
	struct iommufd_device found;

	(void)state;
	memset(driver, 'd', sizeof(driver) - 1);
	driver[sizeof(driver) - 1] = '\0';
	memset(parent, 'p', sizeof(parent) - 1);
	for (size_t i = 100; i < sizeof(parent); i += 100)
		parent[i] = '/';
	parent[sizeof(parent) - 1] = '\0';
	tree_add(&device);
	assert_int_equal(iommufd_device_lookup("vfio1", &found), 0);
	assert_string_equal(found.sysfs, "");
	assert_string_equal(found.address, "0000:00:01.0");
	memset(address, 'a', sizeof(address) - 1);
	address[sizeof(address) - 1] = '\0';
	device = (struct tree_device){ "vfio3", "platform", address, "platform", NULL, "3", NULL };
	tree_add(&device);
	assert_int_equal(iommufd_device_lookup("vfio3", &found), 0);
	assert_string_equal(found.name, "vfio3");
	assert_string_equal(found.address, "");
	assert_int_equal(found.group, 3);
	device = (struct tree_device){ "vfio2", "pci0000:00", "0000:00:02.0", "pci", driver, "1", NULL };
	tree_add(&device);
	assert_int_equal(iommufd_device_lookup("vfio2", &found), 0);
	assert_string_equal(found.driver, ""); /* not a part of it */
	assert_int_equal(iommufd_device_lookup("vfio12345678901234567890123456789", &found), -EINVAL);
}

/* One device that cannot be described fails the list: a list with a hole looks complete. */
static void test_failure_leaves_the_result(void **state)
{
	struct iommufd_device_list *const untouched = (struct iommufd_device_list *)(uintptr_t)0x10;
	struct iommufd_device_list *list = untouched;
	char dev[100];

	(void)state;
	memset(dev, 'd', sizeof(dev) - 1);
	dev[sizeof(dev) - 1] = '\0';
	add("vfio1", "0000:00:01.0");
	setenv("IOMMUFD_DEV", dev, 1);
	errno = 0;
	assert_int_equal(iommufd_device_list_new(&list), -ENAMETOOLONG);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_ptr_equal(list, untouched);
}

/* A directory that cannot be read to its end has no end: what was read so far is not all there is. */
static void test_unreadable_directories(void **state)
{
	struct iommufd_device_list *list = NULL;
	struct iommufd_device device = { .group = 0x5a };

	(void)state;
	add("vfio1", "0000:00:01.0");
	add("vfio2", "0000:00:02.0");
	for (unsigned int at = 1; at <= 4; at++) { /* ".", "..", and the devices */
		broken_at = at;
		errno = 0;
		assert_int_equal(iommufd_device_list_new(&list), -EIO);
		assert_int_equal(errno, EIO);
		assert_null(list);
	}
	broken_at = 1;
	errno = 0;
	assert_int_equal(iommufd_device_lookup("0000:00:01.0", &device), -EIO);
	assert_int_equal(errno, EIO);
	assert_int_equal(device.group, 0x5a);
}

static void test_strange_roots(void **state)
{
	struct iommufd_device_list *list = NULL;

	(void)state;
	setenv("IOMMUFD_SYSFS", tree_path("nowhere"), 1);
	assert_int_equal(iommufd_device_list_new(&list), -ENODEV); /* who knows what there would be */
	assert_int_equal(errno, ENODEV);
	tree_mkdir("unmounted");
	setenv("IOMMUFD_SYSFS", tree_path("unmounted"), 1);
	assert_int_equal(iommufd_device_list_new(&list), -ENODEV);
	setenv("IOMMUFD_SYSFS", tree_path("sys"), 1);
	tree_link("/dev/null", "sys/class/vfio-dev");
	assert_int_equal(iommufd_device_list_new(&list), -ENOTDIR);
	assert_int_equal(errno, ENOTDIR);
	assert_null(list);
}

static void test_a_thousand(void **state)
{
	struct iommufd_device_list *list;
	char cdev[16], address[16];

	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		unsigned int n = i * 7 % 1000; /* not in order */

		snprintf(cdev, sizeof(cdev), "vfio%u", n);
		snprintf(address, sizeof(address), "0000:%02x:%02x.%u", n / 256, n / 8 % 32, n % 8);
		add(cdev, address);
	}
	assert_int_equal(iommufd_device_list_new(&list), 0);
	assert_int_equal(iommufd_device_list_count(list), 1000);
	for (unsigned int i = 0; i < 1000; i++) {
		const struct iommufd_device *device = iommufd_device_list_at(list, i);

		snprintf(cdev, sizeof(cdev), "vfio%u", i);
		snprintf(address, sizeof(address), "0000:%02x:%02x.%u", i / 256, i / 8 % 32, i % 8);
		assert_string_equal(device->name, cdev);
		assert_string_equal(device->address, address);
		assert_int_equal(device->group, 1);
	}
	iommufd_device_list_free(list);
}

/* The fds of a process, too: none that was seen is not none that there is. */
static void test_unreadable_fds(void **state)
{
	char line[64];

	snprintf(line, sizeof(line), "show --pid %d", (int)getpid());
	ok(*state, line);
	broken_at = 1;
	assert_fails(*state, line, EXIT_FAILED, "(EIO)");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, tree_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_there),
		TEST(test_order),
		TEST(test_noiommu),
		TEST(test_foreign_names),
		TEST(test_unplugged_meanwhile),
		TEST(test_strange_links),
		TEST(test_group_names),
		TEST(test_over_long_names),
		TEST(test_failure_leaves_the_result),
		TEST(test_unreadable_directories),
		TEST(test_strange_roots),
		TEST(test_a_thousand),
		cmocka_unit_test_setup_teardown(test_unreadable_fds, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
