/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bind, attach, replace, detach, unbind: the strict rules, and what the tool remembers of a device. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context/close.h"
#include "context/device.h"
#include "world.h"
#include "unit.h"

/* The kernel refuses it. */
static void assert_failed(struct world *world, const char *line, const char *message)
{
	unsigned int calls = kernel.calls;

	assert_fails(world, line, EXIT_FAILED, message);
	assert_true(kernel.calls > calls);
}

/* A row of show that has all three parts. */
static void assert_shown(struct world *world, const char *ref, const char *state, const char *pt)
{
	char *line;

	if (command(world, "show %s --json", ref) != EXIT_DONE)
		fail_msg("show %s: %s", ref, complained(world));
	assert_case(strstr(printed(world), state), ref);
	line = strstr(printed(world), "\"pt\":");
	assert_non_null(line);
	if (strncmp(line + 5, pt, strlen(pt)) != 0)
		fail_msg("%s is on another page table than %s: %s", ref, pt, line);
}

/* A program that shares it has detached the device: its page table can be destroyed, its number is free. */
static void test_page_table_is_gone(void **state)
{
	struct world *world = *state;

	ok(world, "ioas alloc --name a");
	ok(world, "bind vfio2 --name nic");
	ok(world, "attach nic a");
	assert_int_equal(iommufd_device_detach(((struct device *)world->ctx.devices.items[0])->fd), 0);
	ok(world, "destroy a");
	assert_shown(world, "nic", "\"detached\"", "null");
}

static void test_physical(void **state)
{
	struct world *world = *state;

	assert_int_equal(number_of(world, "ioas alloc --name a"), 1);
	assert_int_equal(number_of(world, "ioas alloc --name b"), 2);
	assert_int_equal(number_of(world, "bind vfio2 --name nic"), 3);
	assert_shown(world, "nic", "\"detached\"", "null");
	assert_refused(world, "replace nic a", EXIT_FAILED, "attach nic a");
	/* Given an IOAS it is attached to a HWPT that the kernel makes. */
	assert_int_equal(number_of(world, "attach nic a"), 4);
	assert_shown(world, "nic", "\"attached\"", "4");
	assert_int_equal(number_of(world, "attach nic a"), 4);
	assert_int_equal(number_of(world, "attach nic 4"), 4);
	assert_int_equal(number_of(world, "attach nic a"), 4); /* which IOAS it is of is not forgotten */
	assert_int_equal(number_of(world, "replace nic a"), 4);
	assert_refused(world, "attach nic b", EXIT_FAILED, "replace nic b");
	assert_refused(world, "attach nic 2", EXIT_FAILED, "attached to 4");
	assert_int_equal(number_of(world, "replace nic b"), 5);
	assert_shown(world, "nic", "\"attached\"", "5");
	assert_refused(world, "attach nic a", EXIT_FAILED, "replace nic a");
	assert_int_equal(kernel_objects(), 4); /* the HWPT of a is gone */
	ok(world, "detach nic");
	assert_int_equal(world->out.len, 0);
	assert_shown(world, "nic", "\"detached\"", "null");
	assert_refused(world, "replace nic b", EXIT_FAILED, "attach nic b");
	assert_int_equal(number_of(world, "attach nic b"), 4);
}

static void test_emulated(void **state)
{
	struct world *world = *state;

	assert_int_equal(number_of(world, "bind " MDEV), 1); /* no IOAS is needed to bind */
	assert_int_equal(number_of(world, "ioas alloc --name a"), 2);
	assert_int_equal(number_of(world, "ioas alloc --name b"), 3);
	assert_refused(world, "replace vfio10 a", EXIT_FAILED, "attach vfio10 a");
	assert_int_equal(number_of(world, "attach vfio10 a"), 2);
	assert_int_equal(number_of(world, "attach vfio10 2"), 2);
	assert_refused(world, "attach vfio10 b", EXIT_FAILED, "replace vfio10 b");
	assert_int_equal(number_of(world, "replace vfio10 b"), 3);
	ok(world, "detach vfio10");
	assert_int_equal(number_of(world, "attach vfio10 b"), 3);
}

static void test_hwpt_and_kinds(void **state)
{
	struct world *world = *state;
	uint32_t hwpt;
	char line[64];

	ok(world, "ioas alloc --name a");
	ok(world, "bind vfio0");
	ok(world, "bind vfio10");
	hwpt = number_of(world, "attach vfio0 a");
	snprintf(line, sizeof(line), "attach vfio10 %u", hwpt);
	assert_failed(world, line, "never to a HWPT");
	assert_shown(world, "vfio10", "\"detached\"", "null");
	assert_failed(world, "attach vfio10 60", "no IOAS has this id");
	assert_refused(world, "attach vfio10 2", EXIT_FAILED, "wrong type"); /* the id of a device */
	assert_refused(world, "attach vfio10 nothing", EXIT_FAILED, "nothing has this name");
	assert_refused(world, "attach vfio10 vfio0:", EXIT_USAGE, "neither an id nor a name");
	assert_refused(world, "attach vfio10 4294967296", EXIT_USAGE, "is no id");
	assert_refused(world, "attach vfio10 -- -1", EXIT_USAGE, "neither an id nor a name");
}

static void test_group_moves_together(void **state)
{
	struct world *world = *state;

	ok(world, "ioas alloc --name a");
	ok(world, "ioas alloc --name b");
	ok(world, "bind vfio0");
	ok(world, "bind vfio1 --name second");
	ok(world, "bind vfio2");
	ok(world, "attach vfio0 a");
	assert_failed(world, "attach second b", "its IOMMU group, 7, is attached elsewhere: 'vfio0' is on 6");
	assert_shown(world, "second", "\"detached\"", "null");
	ok(world, "attach second a");
	ok(world, "attach vfio2 a");
	assert_int_equal(number_of(world, "replace vfio0 b"), 7);
	assert_non_null(strstr(complained(world), "second moved too"));
	assert_null(strstr(complained(world), "vfio2"));
	assert_shown(world, "second", "\"attached\"", "7");
	assert_shown(world, "vfio2", "\"attached\"", "6"); /* of another group */
	assert_refused(world, "attach second a", EXIT_FAILED, "replace second a");
	ok(world, "attach second b");
	ok(world, "detach second");
	ok(world, "replace vfio0 a");
	assert_int_equal(world->err.len, 0); /* what is detached does not move */
	assert_shown(world, "second", "\"detached\"", "null");
}

/* A program that has it has detached it, and the number of its page table is another one's. */
static void test_group_takes_along_what_is_recorded(void **state)
{
	struct world *world = *state;

	ok(world, "ioas alloc --name a");
	ok(world, "ioas alloc --name b");
	ok(world, "ioas alloc --name c");
	ok(world, "bind vfio0");
	ok(world, "bind vfio1 --name second");
	ok(world, "attach vfio0 a");
	ok(world, "attach second a");
	assert_int_equal(iommufd_device_detach(device_by_cdev(&world->ctx, "vfio1")->fd), 0);
	ok(world, "detach vfio0");
	ok(world, "ioas alloc --name between");
	ok(world, "attach vfio0 b");
	ok(world, "destroy between");
	assert_int_equal(number_of(world, "replace vfio0 c"), 6);
	ok(world, "show --json");
	assert_non_null(strstr(world->out.buf, "\"state\":\"attached\",\"pt\":6,\"asked\":3}],\"wanted\""));
}

static void test_failures_of_the_kernel_change_nothing(void **state)
{
	struct world *world = *state;

	ok(world, "ioas alloc --name a");
	ok(world, "ioas alloc --name b");
	ok(world, "bind vfio2");
	kernel.error = ENOMEM;
	kernel.refused = 0x3b77; /* attach */
	assert_failed(world, "attach vfio2 a", "RLIMIT_MEMLOCK");
	assert_shown(world, "vfio2", "\"detached\"", "null");
	kernel.refused = 0;
	ok(world, "attach vfio2 a");
	kernel.refused = 0x3b77;
	assert_failed(world, "replace vfio2 b", "ENOMEM");
	assert_shown(world, "vfio2", "\"attached\"", "4");
	assert_refused(world, "attach vfio2 b", EXIT_FAILED, "replace"); /* still on a */
	kernel.refused = 0x3b78; /* detach */
	assert_failed(world, "detach vfio2", "ENOMEM");
	assert_shown(world, "vfio2", "\"attached\"", "4");
}

static void test_spellings(void **state)
{
	static const char *const refs[] = { "vfio0", "0000:00:04.0", "00:04.0", "nic" };
	struct world *world = *state;

	ok(world, "ioas alloc --name a");
	ok(world, "bind 00:04.0 --name nic");
	for (size_t i = 0; i < COUNT(refs); i++) {
		assert_int_equal(command(world, "attach %s a", refs[i]), EXIT_DONE);
		assert_int_equal(command(world, "detach %s", refs[i]), EXIT_DONE);
		assert_int_equal(command(world, "bind %s", refs[i]), EXIT_FAILED);
	}
	assert_int_equal(command(world, "attach %s a", tree_path("dev/vfio/devices/vfio0")), EXIT_DONE);
	assert_int_equal(command(world, "attach /dev/null a"), EXIT_DONE);
}

static void test_not_bound_here(void **state)
{
	static const char *const lines[] = { "attach vfio0 1", "replace vfio0 1", "detach vfio0" };
	struct world *world = *state;

	ok(world, "ioas alloc");
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_refused(world, lines[i], EXIT_FAILED, "not bound in this context");
		assert_non_null(strstr(complained(world), "hint: iommufdctl bind vfio0"));
	}
	assert_refused(world, "unbind vfio0", EXIT_FAILED, "not bound in this context");
	assert_null(strstr(complained(world), "bind vfio0")); /* which nobody wants who unbinds */
	assert_refused(world, "attach vfio77 1", EXIT_FAILED, "no such device");
	assert_refused(world, "attach 00:1f.0 1", EXIT_FAILED, "no such device");
	assert_refused(world, "attach bogus 1", EXIT_FAILED, "not a device");
	assert_refused(world, "attach 1 1", EXIT_USAGE, "not a device");
	ok(world, "ioas alloc --name guest");
	assert_refused(world, "attach guest 1", EXIT_FAILED, "no device");
}

static void test_names_of_devices(void **state)
{
	struct world *world = *state;
	char name[65];

	memset(name, 'n', 64);
	name[64] = '\0';
	ok(world, "ioas alloc --name guest");
	assert_refused(world, "bind vfio0 --name guest", EXIT_FAILED, "taken by an IOAS");
	assert_refused(world, "bind vfio0 --name 7", EXIT_USAGE, "is no name");
	assert_refused(world, "bind vfio0 --name 0x7", EXIT_USAGE, "is no name");
	assert_refused(world, "bind vfio0 --name vfio1", EXIT_USAGE, "is no name");
	assert_refused(world, "bind vfio0 --name iommufd", EXIT_USAGE, "is no name");
	assert_refused(world, "bind vfio0 --name fd:3", EXIT_USAGE, "is no name");
	assert_refused(world, "bind vfio0 --name ''", EXIT_USAGE, "is no name");
	assert_int_equal(command(world, "bind vfio0 --name %s", name), EXIT_USAGE);
	assert_int_equal(command(world, "bind vfio0 --name %s", name + 1), EXIT_DONE);
	assert_int_equal(command(world, "bind vfio2 --name %s", name + 1), EXIT_FAILED);
	assert_non_null(strstr(complained(world), "taken by a device"));
	assert_int_equal(command(world, "unbind %s", name + 1), EXIT_DONE);
	assert_int_equal(command(world, "bind vfio2 --name %s", name + 1), EXIT_DONE); /* free again */
}

static void test_unbind(void **state)
{
	struct world *world = *state;
	size_t fds;

	ok(world, "ioas alloc --name a");
	fds = open_fds();
	ok(world, "bind vfio2");
	ok(world, "attach vfio2 a");
	assert_int_equal(open_fds(), fds + 1);
	ok(world, "unbind vfio2");
	assert_int_equal(open_fds(), fds);
	assert_refused(world, "detach vfio2", EXIT_FAILED, "not bound");
	ok(world, "destroy a"); /* nothing is attached to it any more */
	assert_int_equal(number_of(world, "bind vfio2"), 1);
	assert_refused(world, "destroy vfio2", EXIT_FAILED, "nothing has this name");
	assert_failed(world, "destroy 1", "unbind vfio2");
}

static void test_bind_that_fails(void **state)
{
	struct world *world = *state;
	size_t fds;

	ok(world, "ioas alloc");
	fds = open_fds();
	kernel.refused = 0x3b76; /* bind */
	kernel.error = EPERM;
	assert_failed(world, "bind vfio0 --name nic", "no interrupt remapping");
	assert_int_equal(open_fds(), fds);
	assert_int_equal(world->ctx.devices.count, 0);
	assert_refused(world, "attach nic 1", EXIT_FAILED, "");
	kernel.refused = 0;
	ok(world, "bind vfio0 --name nic");
	assert_refused(world, "bind vfio0 --name other", EXIT_FAILED, "this context has the device already");
}

/* It is there, but has the host's driver: which one, and what to type for VFIO's. */
static void test_no_vfio_driver(void **state)
{
	static const struct tree_device others[] = {
		{ NULL, "pci0000:00", "0000:00:02.0", "pci", "e1000e", "3", NULL },
		{ NULL, "pci0000:00", "0000:00:03.0", "pci", NULL, "4", NULL },
	};
	struct world *world = *state;

	tree_add(&others[0]);
	tree_add(&others[1]);
	assert_refused(world, "bind 0000:00:02.0", EXIT_FAILED, "the device has no VFIO cdev (ENXIO)");
	assert_non_null(strstr(complained(world), "its driver is e1000e"));
	assert_non_null(strstr(complained(world), ": iommufdctl claim 0000:00:02.0\n"));
	assert_refused(world, "attach 00:03.0 1", EXIT_FAILED, "no VFIO cdev");
	assert_non_null(strstr(complained(world), "it has no driver"));
	assert_non_null(strstr(complained(world), ": iommufdctl claim 0000:00:03.0\n"));
	assert_null(strstr(complained(world), "unbind"));
}

/* A node that has the numbers of another device is that one's, whatever its name. */
static void test_foreign_node(void **state)
{
	struct world *world = *state;
	char line[1024];

	tree_unlink("dev/vfio/devices/vfio0");
	tree_link("/dev/full", "dev/vfio/devices/vfio0"); /* of vfio2 */
	assert_fails(world, "bind vfio0", EXIT_FAILED, "the numbers of another one (ESTALE)");
	assert_non_null(strstr(complained(world), "/vfio0 is the node of vfio2 (0000:00:06.0)"));
	snprintf(line, sizeof(line), "bind %s", tree_path("dev/vfio/devices/vfio0"));
	tree_unlink("dev/vfio/devices/vfio2"); /* what was named is opened, no other node of the device */
	ok(world, line);
	memcpy(line, "show", 4);
	ok(world, line);
	assert_non_null(strstr(printed(world), "0000:00:06.0"));
	assert_fails(world, "unbind vfio0", EXIT_FAILED, "not bound");
	ok(world, "unbind vfio2");
	snprintf(line, sizeof(line), "bind %0300d%s", 0, tree_path("dev/vfio/devices/vfio0"));
	memset(line + strlen("bind "), '/', 300);
	ok(world, line);
	ok(world, "unbind vfio2");
}

/* --- cdevs that the caller opened ------------------------------------------------------------------- */

static void test_borrowed(void **state)
{
	struct world *world = *state;
	int fd = open_file("/dev/full");
	char line[64];

	ok(world, "ioas alloc --name a");
	ok(world, "ioas alloc --name b");
	assert_int_equal(command(world, "bind fd:%d --name nic", fd), EXIT_DONE);
	assert_int_equal(command(world, "attach fd:%d a", fd), EXIT_DONE);
	assert_refused(world, "attach nic b", EXIT_FAILED, "replace nic b");
	snprintf(line, sizeof(line), "bind fd:%d", fd);
	assert_refused(world, line, EXIT_FAILED, "bound already");
	assert_refused(world, "unbind nic", EXIT_FAILED, "whoever opened the cdev keeps it bound");
	snprintf(line, sizeof(line), "exec %d>&-", fd);
	assert_non_null(strstr(complained(world), line));
	context_free(&world->ctx);
	assert_int_equal(close(fd), 0); /* it was not closed here */
}

/* Bound elsewhere: whether it is attached cannot be known, so neither verb can be strict the first time. */
static void test_adopted(void **state)
{
	struct world *world = *state;
	int iommufd = open_file(tree_path("dev/iommu")), fd = open_file("/dev/full");
	uint32_t id;

	assert_int_equal(iommufd_device_bind(fd, iommufd, &id), 0);
	world->ctx.iommufd = iommufd;
	ok(world, "ioas alloc --name a");
	ok(world, "ioas alloc --name b");
	assert_int_equal(command(world, "replace fd:%d a", fd), EXIT_DONE);
	assert_int_equal(command(world, "attach fd:%d b", fd), EXIT_FAILED); /* from now on it is known */
	assert_int_equal(command(world, "detach fd:%d", fd), EXIT_DONE);
	assert_int_equal(command(world, "replace fd:%d b", fd), EXIT_FAILED);
	close(fd);
}

/* A second bind fails, and must not make the tool forget what the device is attached to. */
static void test_adopted_bind_fails(void **state)
{
	struct world *world = *state;
	int iommufd = open_file(tree_path("dev/iommu")), fd = open_file("/dev/full");
	uint32_t id;

	assert_int_equal(iommufd_device_bind(fd, iommufd, &id), 0);
	world->ctx.iommufd = iommufd;
	ok(world, "ioas alloc --name a");
	ok(world, "ioas alloc --name b");
	assert_int_equal(command(world, "attach fd:%d a", fd), EXIT_DONE);
	assert_int_equal(command(world, "bind fd:%d", fd), EXIT_FAILED);
	assert_int_equal(command(world, "attach fd:%d b", fd), EXIT_FAILED);
	assert_non_null(strstr(complained(world), "replace"));
	close(fd);
}

/* A command that failed must not stand in the way of the one that sets it right. */
static void test_failed_use_then_bind_with_name(void **state)
{
	struct world *world = *state;
	int fd = open_file("/dev/full");

	ok(world, "ioas alloc --name a");
	assert_int_equal(command(world, "attach fd:%d a", fd), EXIT_FAILED); /* not bound */
	assert_int_equal(command(world, "bind fd:%d --name 7", fd), EXIT_USAGE);
	assert_int_equal(command(world, "bind fd:%d --name a", fd), EXIT_FAILED);
	assert_int_equal(command(world, "bind fd:%d --name nic", fd), EXIT_DONE);
	assert_int_equal(command(world, "attach nic a"), EXIT_DONE);
	close(fd);
}

static void test_strange_fds(void **state)
{
	struct world *world = *state;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(command(world, "bind fd:%d", ends[0]), EXIT_FAILED);
	assert_non_null(strstr(complained(world), "ENOTTY"));
	assert_int_equal(command(world, "bind fd:99"), EXIT_FAILED);
	assert_non_null(strstr(complained(world), "EBADF"));
	assert_int_equal(command(world, "bind fd:2"), EXIT_USAGE);
	assert_int_equal(world->ctx.devices.count, 0);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_physical),
		TEST(test_page_table_is_gone),
		TEST(test_emulated),
		TEST(test_hwpt_and_kinds),
		TEST(test_group_moves_together),
		TEST(test_group_takes_along_what_is_recorded),
		TEST(test_failures_of_the_kernel_change_nothing),
		TEST(test_spellings),
		TEST(test_not_bound_here),
		TEST(test_names_of_devices),
		TEST(test_unbind),
		TEST(test_bind_that_fails),
		TEST(test_no_vfio_driver),
		TEST(test_foreign_node),
		TEST(test_borrowed),
		TEST(test_adopted),
		TEST(test_adopted_bind_fails),
		TEST(test_failed_use_then_bind_with_name),
		TEST(test_strange_fds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
