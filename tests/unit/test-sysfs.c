/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding devices: lookups by every kind of word, in a tree laid out as the kernel does it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libiommufd.h"
#include "tree.h"
#include "unit.h"

#define MDEV "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"

static const struct tree_device devices[] = {
	{ "vfio10", "pci0000:00", "0000:00:0a.0", "pci", "vfio-pci", "12", NULL },
	{ "vfio0", "pci0000:00", "0000:00:04.0", "pci", "vfio-pci", "7", "/dev/null" },
	{ "vfio2", "pci0000:00/0000:00:1c.0", "0000:3b:1f.7", "pci", "mlx5_vfio_pci", "0", "/dev/zero" },
	{ "vfio1", "virtual/mtty/mtty", MDEV, "mdev", "vfio_mtty", NULL, "/dev/full" },
	{ "vfio3", "pci0000:00", "abcd:ef:1a.5", "pci", NULL, NULL, NULL },
	{ NULL, "pci0000:00", "0000:00:02.0", "pci", "e1000e", "3", NULL },
	{ NULL, "pci0000:00", "0000:00:03.0", "pci", NULL, "4", NULL },
};

static int setup_devices(void **state)
{
	tree_setup(state);
	for (size_t i = 0; i < COUNT(devices); i++)
		tree_add(&devices[i]);
	return 0;
}

/* It fails with error, errno says the same, and what was there before is still there. */
static void assert_no_lookup(const char *ref, int error)
{
	struct iommufd_device device, before;
	int rc;

	memset(&device, 0x5a, sizeof(device));
	before = device;
	errno = 0;
	rc = iommufd_device_lookup(ref, &device);
	if (rc != -error || errno != error)
		fail_msg("'%s': %d, errno %d, expected %d", ref, rc, errno, error);
	assert_memory_equal(&device, &before, sizeof(device));
}

static void assert_found(const char *ref, const char *name)
{
	struct iommufd_device device;

	if (iommufd_device_lookup(ref, &device) != 0)
		fail_msg("'%s' is not found: errno %d", ref, errno);
	assert_string_equal(device.name, name);
}

static void test_fields_of_a_physical_device(void **state)
{
	struct iommufd_device device;

	(void)state;
	assert_int_equal(iommufd_device_lookup("vfio2", &device), 0);
	assert_string_equal(device.name, "vfio2");
	assert_string_equal(device.cdev, tree_path("dev/vfio/devices/vfio2"));
	assert_string_equal(device.address, "0000:3b:1f.7");
	assert_string_equal(device.driver, "mlx5_vfio_pci");
	assert_string_equal(device.sysfs, "devices/pci0000:00/0000:00:1c.0/0000:3b:1f.7");
	assert_int_equal(device.group, 0);
	assert_int_equal(device.kind, IOMMUFD_PHYSICAL);
}

static void test_fields_of_an_mdev(void **state)
{
	struct iommufd_device device;

	(void)state;
	assert_int_equal(iommufd_device_lookup(MDEV, &device), 0);
	assert_string_equal(device.name, "vfio1");
	assert_string_equal(device.address, MDEV);
	assert_string_equal(device.driver, "vfio_mtty");
	assert_string_equal(device.sysfs, "devices/virtual/mtty/mtty/" MDEV);
	assert_int_equal(device.group, -1);
	assert_int_equal(device.kind, IOMMUFD_EMULATED);
}

static void test_no_driver_no_group(void **state)
{
	struct iommufd_device device;

	(void)state;
	assert_int_equal(iommufd_device_lookup("vfio3", &device), 0);
	assert_string_equal(device.driver, "");
	assert_int_equal(device.group, -1);
	assert_int_equal(device.kind, IOMMUFD_PHYSICAL);
}

/* Without numbers below vfio-dev there is no node: no VFIO_DEVICE_CDEV in the kernel, or no IOMMU. */
static void test_without_a_cdev(void **state)
{
	static const struct tree_device made[] = {
		{ "vfio20", "pci0000:00", "0000:00:14.0", "pci", "vfio-pci", "20", NULL, true },
		{ "vfio21", "pci0000:00", "0000:00:15.0", "pci", "vfio-pci", "21", NULL, true },
		{ "noiommu-vfio22", "pci0000:00", "0000:00:16.0", "pci", "vfio-pci", "22", NULL },
		{ "vfio23", "virtual/mtty/mtty", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1009", "mdev", "mtty", "23",
		  NULL, true },
	};
	static const enum iommufd_device_kind kinds[] = {
		IOMMUFD_PHYSICAL, IOMMUFD_NOIOMMU, IOMMUFD_NOIOMMU, IOMMUFD_EMULATED,
	};
	struct iommufd_device device;
	int fd = -1;

	(void)state;
	tree_write("sys/kernel/iommu_groups/21/name", "vfio-noiommu\n");
	tree_write("sys/kernel/iommu_groups/23/name", "vfio-noiommu\n");
	for (size_t i = 0; i < COUNT(made); i++) {
		tree_add(&made[i]);
		assert_int_equal(iommufd_device_lookup(made[i].address, &device), 0);
		assert_case(device.kind == kinds[i], made[i].cdev);
		assert_case(!*device.cdev == made[i].no_cdev, made[i].cdev);
		if (made[i].no_cdev)
			assert_int_equal(iommufd_device_open(&device, &fd), -EOPNOTSUPP);
	}
	assert_int_equal(fd, -1);
}

static void test_other_buses(void **state)
{
	static const struct tree_device made[] = {
		{ "vfio30", "pci10000:00", "10000:01:00.0", "pci", "vfio-pci", "30", NULL },
		{ "vfio31", "platform", "fff51000.ethernet", "platform", "vfio-platform", "31", NULL },
		{ NULL, "platform", "fff52000.ethernet", "platform", "calxedaxgmac", NULL, NULL },
	};
	char driver[32];

	(void)state;
	for (size_t i = 0; i < COUNT(made); i++)
		tree_add(&made[i]);
	assert_found("10000:01:00.0", "vfio30");
	assert_found("fff51000.ethernet", "vfio31");
	assert_no_lookup("10000:01:00.1", ENODEV);
	assert_no_lookup("100000000:01:00.0", EINVAL);
	assert_no_lookup("fff52000.ethernet", ENXIO);
	assert_no_lookup("fff53000.ethernet", EINVAL);
	assert_int_equal(iommufd_device_driver("fff52000.ethernet", driver, sizeof(driver)), 0);
	assert_string_equal(driver, "calxedaxgmac");
}

/* That nobody can tell is no "none": a list without a group would be a wrong one. */
static void test_driver_or_group_unreadable(void **state)
{
	static const char *const links[] = {
		"sys/devices/pci0000:00/0000:00:04.0/driver",
		"sys/devices/pci0000:00/0000:00:04.0/iommu_group",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(links); i++) {
		struct iommufd_device_list *list = NULL;

		tree_unlink(links[i]);
		tree_mkdir(links[i]); /* readlink() fails with EINVAL, where there is nothing with ENOENT */
		assert_no_lookup("vfio0", EINVAL);
		assert_int_equal(iommufd_device_list_new(&list), -EINVAL);
		assert_null(list);
		rmdir(tree_path("%s", links[i]));
	}
	assert_found("vfio0", "vfio0");
}

static void test_spellings(void **state)
{
	static const struct { const char *ref, *name; } cases[] = {
		{ "vfio0", "vfio0" },
		{ "vfio10", "vfio10" },
		{ "0000:00:04.0", "vfio0" },
		{ "00:04.0", "vfio0" },
		{ "00:0a.0", "vfio10" },
		{ "00:0A.0", "vfio10" },
		{ "0000:00:0A.0", "vfio10" },
		{ "0000:3b:1f.7", "vfio2" },
		{ "0000:3B:1F.7", "vfio2" },
		{ "3b:1f.7", "vfio2" },
		{ "ABCD:EF:1A.5", "vfio3" },
		{ MDEV, "vfio1" },
		{ "83B8F4F2-509F-382F-3C1E-E6BFE0FA1001", "vfio1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_found(cases[i].ref, cases[i].name);
}

static void test_not_found(void **state)
{
	static const struct { const char *ref; int error; } cases[] = {
		/* No word for a device at all. */
		{ "", EINVAL }, { " ", EINVAL }, { "vfio", EINVAL }, { "vfiox", EINVAL },
		{ "vfio0x", EINVAL }, { "vfio-1", EINVAL }, { "vfio 0", EINVAL },
		{ "vfio0 ", EINVAL }, { "VFIO0", EINVAL },
		{ "0", EINVAL }, { "nic", EINVAL }, { "..", EINVAL }, { "0000:00:04", EINVAL },
		{ "0000:00:04.00", EINVAL }, { "0000:00:04.0 ", EINVAL }, { "000:00:04.0", EINVAL },
		{ "00000:00:04.0", EINVAL }, { "0000-00-04.0", EINVAL }, { "000g:00:04.0", EINVAL },
		{ "0000:00:04:0", EINVAL }, { ":00:04.0", EINVAL }, { "0:4.0", EINVAL }, { "04.0", EINVAL },
		{ "83b8f4f2509f382f3c1ee6bfe0fa1001", EINVAL }, { "{" MDEV "}", EINVAL },
		{ "83b8f4f2-509f-382f-3c1e-e6bfe0fa100", EINVAL }, { MDEV "0", EINVAL },
		{ "83b8f4f2-509f-382f-3c1e-e6bfe0fa100g", EINVAL },
		/* One, but there is no such device. */
		{ "vfio9", ENODEV }, { "vfio00", ENODEV }, { "noiommu-vfio0", ENODEV },
		{ "0000:00:04.1", ENODEV }, { "0001:00:04.0", ENODEV }, { "00:1f.0", ENODEV },
		{ "00000000-0000-0000-0000-000000000000", ENODEV },
		/* There, but not for VFIO. */
		{ "0000:00:02.0", ENXIO }, { "00:02.0", ENXIO }, { "00:03.0", ENXIO },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_no_lookup(cases[i].ref, cases[i].error);
}

static void test_over_long_words(void **state)
{
	static const char *const starts[] = { "vfio1", "noiommu-vfio1", "0000:00:04.0", MDEV, "x" };
	char ref[8192];

	(void)state;
	for (size_t len = 64; len < sizeof(ref); len *= 2)
		for (size_t i = 0; i < COUNT(starts); i++) {
			memset(ref, '1', len);
			ref[len] = '\0';
			memcpy(ref, starts[i], strlen(starts[i]));
			assert_no_lookup(ref, EINVAL);
		}
	/* As a path it is too long for the kernel. */
	ref[1] = '/';
	memset(ref + 2, '1', sizeof(ref) - 3);
	ref[sizeof(ref) - 1] = '\0';
	assert_no_lookup(ref, ENAMETOOLONG);
}

static void test_by_path(void **state)
{
	char path[512];

	(void)state;
	snprintf(path, sizeof(path), "%s", tree_path("dev/vfio/devices/vfio0"));
	assert_found(path, "vfio0");
	/* Any path of the node: udev rules make links. */
	tree_link(path, "dev/my-nic");
	snprintf(path, sizeof(path), "%s", tree_path("dev/my-nic"));
	assert_found(path, "vfio0");
	assert_found("/dev/zero", "vfio2");
	/* A device of another class, though it is called like one of ours. */
	tree_link("../../devices/virtual/mem/vfio0", "sys/dev/char/1:9");
	tree_link("../../../../class/mem", "sys/devices/virtual/mem/vfio0/subsystem");
	assert_no_lookup("/dev/urandom", ENOTTY);
	/* What is no device has the number 0:0. */
	tree_link("../../devices/pci0000:00/0000:00:04.0/vfio-dev/vfio0", "sys/dev/char/0:0");
	assert_no_lookup("/proc/self/exe", ENOTTY);
	assert_no_lookup("/dev/tty", ENOTTY);
	assert_no_lookup("/dev/random", ENOTTY); /* a character device of another class */
	assert_no_lookup(tree_path("dev"), ENOTTY);
	assert_no_lookup(tree_path("dev/nothing"), ENODEV);
	assert_no_lookup("/dev/null/x", ENOTDIR);
	assert_no_lookup("./vfio0", ENODEV);
}

static void test_by_fd(void **state)
{
	struct iommufd_device device, before;
	int fd = open("/dev/full", O_RDWR | O_CLOEXEC), ends[2];

	(void)state;
	assert_int_equal(iommufd_device_lookup_fd(fd, &device), 0);
	assert_string_equal(device.name, "vfio1");
	assert_string_equal(device.address, MDEV);
	close(fd);
	memset(&device, 0x5a, sizeof(device));
	before = device;
	assert_int_equal(iommufd_device_lookup_fd(fd, &device), -EBADF);
	assert_int_equal(errno, EBADF);
	assert_int_equal(iommufd_device_lookup_fd(-1, &device), -EBADF);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(iommufd_device_lookup_fd(ends[0], &device), -ENOTTY);
	assert_int_equal(errno, ENOTTY);
	assert_memory_equal(&device, &before, sizeof(device));
	close(ends[0]);
	close(ends[1]);
}

static void test_driver(void **state)
{
	static const struct { const char *address; int rc; const char *driver; } cases[] = {
		{ "0000:00:02.0", 0, "e1000e" },
		{ "00:02.0", 0, "e1000e" },
		{ "3B:1F.7", 0, "mlx5_vfio_pci" },
		{ MDEV, 0, "vfio_mtty" },
		{ "0000:00:03.0", -ENOENT, "untouched" },
		{ "0000:00:05.0", -ENODEV, "untouched" },
		{ "vfio0", -EINVAL, "untouched" },
		{ "", -EINVAL, "untouched" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char driver[64] = "untouched";
		int rc;

		errno = 0;
		rc = iommufd_device_driver(cases[i].address, driver, sizeof(driver));
		assert_int_equal(rc, cases[i].rc);
		assert_int_equal(errno, -rc);
		assert_string_equal(driver, cases[i].driver);
	}
}

static void test_driver_needs_room(void **state)
{
	char driver[8] = "old";

	(void)state;
	for (size_t len = 0; len < sizeof("e1000e"); len++) {
		assert_int_equal(iommufd_device_driver("00:02.0", driver, len), -ERANGE);
		assert_string_equal(driver, "old");
	}
	assert_int_equal(iommufd_device_driver("00:02.0", driver, sizeof("e1000e")), 0);
	assert_string_equal(driver, "e1000e");
}

static void test_open(void **state)
{
	struct iommufd_device device;
	int fd = -7;

	(void)state;
	assert_int_equal(iommufd_device_lookup("vfio0", &device), 0);
	assert_int_equal(iommufd_device_open(&device, &fd), 0);
	assert_true(fd > STDERR_FILENO);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	close(fd);
	fd = -7;
	assert_int_equal(iommufd_device_lookup("vfio10", &device), 0);
	assert_int_equal(iommufd_device_open(&device, &fd), -ENOENT); /* no node: a container without it */
	assert_int_equal(errno, ENOENT);
	assert_int_equal(fd, -7);
}

/* The node of another device, under our name; and a path is opened as it was given. */
static void test_foreign_node(void **state)
{
	struct iommufd_device device;
	char path[512];
	int fd = -7;

	(void)state;
	assert_int_equal(iommufd_device_lookup("vfio0", &device), 0);
	tree_unlink("dev/vfio/devices/vfio0");
	tree_link("/dev/zero", "dev/vfio/devices/vfio0"); /* of vfio2 */
	assert_int_equal(iommufd_device_open(&device, &fd), -ESTALE);
	assert_int_equal(errno, ESTALE);
	tree_unlink("dev/vfio/devices/vfio0");
	tree_link("/dev/random", "dev/vfio/devices/vfio0"); /* of no VFIO device */
	assert_int_equal(iommufd_device_open(&device, &fd), -ESTALE);
	assert_int_equal(fd, -7);
	tree_unlink("dev/vfio/devices/vfio0");
	tree_link("/dev/zero", "dev/vfio/devices/vfio0");
	snprintf(path, sizeof(path), "%s", tree_path("dev/vfio/devices/vfio0"));
	assert_int_equal(iommufd_device_lookup(path, &device), 0);
	assert_string_equal(device.name, "vfio2");
	assert_string_equal(device.cdev, path);
	tree_unlink("dev/vfio/devices/vfio2"); /* the one that was named is there */
	assert_int_equal(iommufd_device_open(&device, &fd), 0);
	close(fd);
	/* A path that does not fit: the usual one, which is looked at when it is opened. */
	memset(path, '/', 300);
	strcpy(path + 300, "/dev/zero");
	assert_int_equal(iommufd_device_lookup(path, &device), 0);
	assert_int_equal(iommufd_device_open(&device, &fd), -ENOENT);
}

/* A cdev on fd 0, 1 or 2 would be given whatever is printed. */
static void test_opened_fds_are_high(void **state)
{
	struct iommufd_device device;
	int saved = dup(STDIN_FILENO), fd;

	(void)state;
	assert_int_equal(iommufd_device_lookup("vfio0", &device), 0);
	close(STDIN_FILENO);
	assert_int_equal(iommufd_device_open(&device, &fd), 0);
	assert_true(fd > STDERR_FILENO);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), -1);
	if (saved >= 0) {
		dup2(saved, STDIN_FILENO);
		close(saved);
	}
	close(fd);
}

static void test_empty(void **state)
{
	(void)state;
	assert_no_lookup("vfio0", ENODEV);
	assert_no_lookup("00:04.0", ENODEV);
	assert_no_lookup(MDEV, ENODEV);
	tree_mkdir("sys/class/vfio-dev");
	assert_no_lookup("vfio0", ENODEV);
}

static void test_no_sysfs(void **state)
{
	char driver[8];

	(void)state;
	setenv("IOMMUFD_SYSFS", tree_path("nowhere"), 1);
	assert_no_lookup("vfio0", ENOENT);
	assert_int_equal(iommufd_device_driver("00:04.0", driver, sizeof(driver)), -ENOENT);
}

static void test_iommufd_open(void **state)
{
	int fd = -7;

	(void)state;
	assert_int_equal(iommufd_open(NULL, &fd), -ENOENT);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(fd, -7);
	tree_link("/dev/null", "dev/iommu");
	assert_int_equal(iommufd_open(NULL, &fd), 0);
	assert_true(fd > STDERR_FILENO);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	assert_int_equal(iommufd_open("/dev/zero", &fd), 0);
	close(fd);
	assert_int_equal(iommufd_open("", &fd), -ENOENT);
}

int main(void)
{
#define WITH_DEVICES(test) cmocka_unit_test_setup_teardown(test, setup_devices, tree_teardown)
#define EMPTY(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)
	const struct CMUnitTest tests[] = {
		WITH_DEVICES(test_fields_of_a_physical_device),
		WITH_DEVICES(test_fields_of_an_mdev),
		WITH_DEVICES(test_no_driver_no_group), WITH_DEVICES(test_without_a_cdev),
		WITH_DEVICES(test_other_buses),
		WITH_DEVICES(test_driver_or_group_unreadable),
		WITH_DEVICES(test_spellings),
		WITH_DEVICES(test_not_found),
		WITH_DEVICES(test_over_long_words),
		WITH_DEVICES(test_by_path),
		WITH_DEVICES(test_by_fd),
		WITH_DEVICES(test_driver),
		WITH_DEVICES(test_driver_needs_room),
		WITH_DEVICES(test_open),
		WITH_DEVICES(test_foreign_node),
		WITH_DEVICES(test_opened_fds_are_high),
		EMPTY(test_empty),
		EMPTY(test_no_sysfs),
		EMPTY(test_iommufd_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
