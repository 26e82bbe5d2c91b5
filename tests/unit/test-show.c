/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list and show: every column as text and as JSON, and what belongs to one object alone. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/account.h"
#include "world.h"
#include "unit.h"

static void assert_prints(struct world *world, const char *line, const char *expected)
{
	ok(world, line);
	assert_string_equal(printed(world), expected);
}

/* The JSON of line holds, or does not hold, each of the parts; the list of them ends with NULL. */
static void assert_json(struct world *world, const char *line, bool holds, const char *const *parts)
{
	assert_int_equal(command(world, "%s --json", line), EXIT_DONE);
	assert_true(is_json_line(printed(world)));
	for (; *parts; parts++)
		if (!strstr(printed(world), *parts) == holds)
			fail_msg("%s: %s: %s", line, *parts, printed(world));
}

#define HOLDS(world, line, ...) assert_json(world, line, true, (const char *const[]){ __VA_ARGS__, NULL })
#define LACKS(world, line, ...) assert_json(world, line, false, (const char *const[]){ __VA_ARGS__, NULL })

/* The rows of four devices, whose nodes lead to devices of this machine. */
static void assert_list(struct world *world)
{
	static const char *const rows[] = {
		"DEVICE  ADDRESS                               NAME  DRIVER     GROUP  KIND      NUMA  ", "OWNER", "  MODE  USE\n",
		"vfio0   0000:00:04.0                          -     vfio-pci   7      physical  -     ", NULL, "  0666  none\n",
		"vfio1   0000:00:05.0                          -     vfio-pci   7      physical  1     ", NULL, "  0666  none\n",
		"vfio2   0000:00:06.0                          -     vfio-pci   8      physical  -     ", NULL, "  0666  none\n",
		"vfio10  " MDEV "  -     vfio_mtty  -      emulated  -     ", NULL, "  0666  none\n",
	};
	char owner[64], expected[1024] = "";
	struct stat st;

	assert_int_equal(stat("/dev/null", &st), 0);
	account_names(st.st_uid, st.st_gid, owner, sizeof(owner));
	for (size_t i = 0; i < COUNT(rows); i += 3) {
		size_t at = strlen(expected);

		snprintf(expected + at, sizeof(expected) - at, "%s%-*s%s", rows[i], (int)strlen(owner),
			 rows[i + 1] ?: owner, rows[i + 2]);
	}
	assert_string_equal(printed(world), expected);
}

static void test_list(void **state)
{
	struct world *world = *state;

	tree_write("sys/devices/pci0000:00/0000:00:04.0/numa_node", "-1\n");
	tree_write("sys/devices/pci0000:00/0000:00:05.0/numa_node", "1\n");
	ok(world, "list");
	assert_list(world);
	HOLDS(world, "list",
	      "{\"version\":1,\"devices\":[{\"device\":\"vfio0\",\"address\":\"0000:00:04.0\",\"name\":null,"
	      "\"driver\":\"vfio-pci\",\"group\":7,\"kind\":\"physical\",\"cdev\":\"",
	      "dev/vfio/devices/vfio0\",\"numa_node\":null,", "dev/vfio/devices/vfio1\",\"numa_node\":1,",
	      ",\"mode\":\"0666\",\"use\":[],\"bus\":\"pci\",\"pcie_root\":\"pci0000:00\",\"vendor_id\":null,",
	      "{\"device\":\"vfio10\",\"address\":\"" MDEV "\",\"name\":null,\"driver\":\"vfio_mtty\","
	      "\"group\":null,\"kind\":\"emulated\",\"cdev\":\"",
	      "\"use\":[],\"bus\":\"mdev\",\"pcie_root\":null,", "\"class\":null}],\"group_members\":[");
}

static void test_list_of_nothing(void **state)
{
	struct world *world = *state;

	tree_remove();
	tree_create();
	assert_prints(world, "list", "DEVICE  ADDRESS  NAME  DRIVER  GROUP  KIND  NUMA  OWNER  MODE  USE\n");
	assert_prints(world, "list --json", "{\"version\":1,\"devices\":[],\"group_members\":[]}\n");
	assert_non_null(strstr(complained(world), "hint: iommufdctl doctor")); /* what to do next */
}

/* A driver may go while the cdev is looked at. */
static void test_list_without_driver(void **state)
{
	struct world *world = *state;

	tree_unlink("sys/devices/pci0000:00/0000:00:04.0/driver");
	tree_unlink("sys/devices/pci0000:00/0000:00:04.0/iommu_group");
	HOLDS(world, "list", "\"address\":\"0000:00:04.0\",\"name\":null,\"driver\":null,\"group\":null,");
}

static void test_show_nothing(void **state)
{
	struct world *world = *state;

	assert_prints(world, "show", "");
	assert_prints(world, "show --json",
		      "{\"version\":1,\"devices\":[],\"wanted\":[],\"pasids\":[],\"ioas\":[],\"hwpt\":[],\"objects\":[],"
		      "\"foreign\":[],\"handed\":[],\"memories\":[],\"mappings\":[]}\n");
}

static void populate(struct world *world)
{
	ok(world, "ioas alloc --name guest"); /* 1 */
	ok(world, "ioas alloc");	      /* 2 */
	ok(world, "bind vfio0 --name nic");   /* 3 */
	ok(world, "bind vfio1");	      /* 4 */
	ok(world, "bind vfio10");	      /* 5 */
	ok(world, "bind vfio2");	      /* 6 */
	ok(world, "attach nic guest");	      /* HWPT 7 */
	ok(world, "attach vfio1 guest");
	ok(world, "attach vfio10 2");
	ok(world, "mem create ram 64K");
	ok(world, "ioas map guest ram --iova 64K");
	ok(world, "ioas map 2 ram --iova 64K --read --length 4K");
}

static void test_show_all(void **state)
{
	struct world *world = *state;

	populate(world);
	HOLDS(world, "show",
	      "{\"id\":3,\"name\":\"nic\",\"device\":\"vfio0\",\"address\":\"0000:00:04.0\","
	      "\"kind\":\"physical\",\"group\":7,\"state\":\"attached\",\"pt\":7,\"asked\":1}",
	      "{\"id\":4,\"name\":null,\"device\":\"vfio1\",\"address\":\"0000:00:05.0\","
	      "\"kind\":\"physical\",\"group\":7,\"state\":\"attached\",\"pt\":7,\"asked\":1}",
	      "{\"id\":5,\"name\":null,\"device\":\"vfio10\",\"address\":\"" MDEV "\","
	      "\"kind\":\"emulated\",\"group\":null,\"state\":\"attached\",\"pt\":2,\"asked\":2}",
	      "{\"id\":6,\"name\":null,\"device\":\"vfio2\",\"address\":\"0000:00:06.0\","
	      "\"kind\":\"physical\",\"group\":8,\"state\":\"detached\",\"pt\":null,\"asked\":null}",
	      "\"ioas\":[{\"id\":1,\"name\":\"guest\",\"mappings\":1},"
	      "{\"id\":2,\"name\":null,\"mappings\":1}]",
	      "\"hwpt\":[{\"id\":7,\"ioas\":1,\"name\":null,", /* one for the two devices on it */
	      "\"handed\":[],\"memories\":[{\"name\":\"ram\",\"size\":65536,\"page_size\":4096,\"mappings\":2}]",
	      "\"mappings\":[{\"ioas\":1,\"iova\":65536,\"length\":65536,\"memory\":\"ram\","
	      "\"offset\":0,\"access\":\"rw\"},"
	      "{\"ioas\":2,\"iova\":65536,\"length\":4096,\"memory\":\"ram\","
	      "\"offset\":0,\"access\":\"r\"}]");
	ok(world, "show");
	assert_non_null(strstr(printed(world), "\n\n")); /* tables apart from each other */
	assert_non_null(strstr(printed(world), "0x10000"));
	assert_null(strstr(printed(world), "\n\n\n"));
}

static void test_show_one(void **state)
{
	struct world *world = *state;

	populate(world);
	HOLDS(world, "show guest", "\"devices\":[]", "\"ioas\":[{\"id\":1,", "\"handed\":[],\"memories\":[]",
	      "\"iova\":65536");
	LACKS(world, "show guest", "{\"id\":2,", "\"ioas\":2");
	HOLDS(world, "show 2", "\"ioas\":[{\"id\":2,", "\"ioas\":2,\"iova\":65536");
	HOLDS(world, "show ram", "\"devices\":[]", "\"ioas\":[]", "\"name\":\"ram\"");
	HOLDS(world, "show nic", "\"id\":3", "\"hwpt\":[{\"id\":7,\"ioas\":1,\"name\":null,", "\"ioas\":[]");
	LACKS(world, "show nic", "vfio1");
	/* The HWPT is as much the second device's as the first one's. */
	HOLDS(world, "show vfio1", "\"id\":4", "\"hwpt\":[{\"id\":7,\"ioas\":1,\"name\":null,");
	HOLDS(world, "show vfio10", "\"id\":5", "\"hwpt\":[]");
	HOLDS(world, "show 0000:00:06.0", "\"id\":6", "\"hwpt\":[]");
	HOLDS(world, "show 00:06.0", "\"id\":6");
	HOLDS(world, "show 6", "\"device\":\"vfio2\"");
}

/* Given the HWPT's own number, the device is on the same one: its IOAS is still known. */
static void test_hwpt_by_its_number(void **state)
{
	struct world *world = *state;

	populate(world);
	ok(world, "attach nic 7");
	ok(world, "attach vfio1 7");
	HOLDS(world, "show", "\"hwpt\":[{\"id\":7,\"ioas\":1,\"name\":null,");
}

static void test_borrowed_device(void **state)
{
	struct world *world = *state;
	int fd = open_file("/dev/full");

	ok(world, "ioas alloc");
	assert_int_equal(command(world, "attach fd:%d 1", fd),
			 EXIT_FAILED); /* whoever has it has not bound it */
	HOLDS(world, "show", "{\"id\":null,\"name\":null,\"device\":\"vfio2\"",
	      "\"state\":\"unknown\",\"pt\":null");
	close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_list),
		TEST(test_list_of_nothing),
		TEST(test_list_without_driver),
		TEST(test_show_nothing),
		TEST(test_show_all),
		TEST(test_show_one),
		TEST(test_hwpt_by_its_number),
		TEST(test_borrowed_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
