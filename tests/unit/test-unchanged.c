/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command that fails leaves the context, the kernel and the process's fds as they were. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "world.h"
#include "unit.h"

/* Everything that a command could leave behind. */
struct snapshot {
	char *shown; /* all of it, as JSON */
	size_t objects, mappings, fds, names;
	bool no_map_file;
};

static void count_name(const void *node, VISIT order, void *n)
{
	(void)node;
	if (order == postorder || order == leaf)
		++*(size_t *)n;
}

static size_t count_names(const struct context *ctx)
{
	size_t n = 0;

	twalk_r(ctx->names, count_name, &n);
	return n;
}

static void take(struct world *world, struct snapshot *snapshot)
{
	assert_int_equal(command(world, "show --json"), EXIT_DONE);
	*snapshot = (struct snapshot){
		.shown = strdup(printed(world)),
		.objects = kernel_objects(),
		.mappings = kernel_mappings(),
		.fds = open_fds(),
		.names = count_names(&world->ctx),
		.no_map_file = world->ctx.no_map_file,
	};
	assert_non_null(snapshot->shown);
}

/* The snapshot still holds after line, which is not to succeed. */
static void assert_unchanged(struct world *world, const struct snapshot *before, const char *line, int code)
{
	struct snapshot after;

	if (code == EXIT_DONE || world->out.len)
		fail_msg("'%s' ends with %d and prints '%s'", line, code, printed(world));
	assert_case(world->err.len, line);
	take(world, &after);
	if (strcmp(before->shown, after.shown) != 0)
		fail_msg("'%s' changes the context from\n%sto\n%s", line, before->shown, after.shown);
	assert_case(before->objects == after.objects, line);
	assert_case(before->mappings == after.mappings, line);
	assert_case(before->fds == after.fds, line);
	assert_case(before->names == after.names, line);
	assert_case(before->no_map_file == after.no_map_file, line);
	free(after.shown);
}

/*
 * IOAS 1 is a, 2 is b, 3 has no name; 4 is vfio0, nic, attached to a (HWPT 5); 6 is vfio10, detached;
 * m is mapped at 0x10000 of a, spare is not mapped.
 */
static int setup(void **state)
{
	static const char *const lines[] = {
		"ioas alloc --name a", "ioas alloc --name b", "ioas alloc", "bind vfio0 --name nic",
		"attach nic a", ("bind " MDEV), "mem create m 64K", "mem create spare 4K",
		"ioas map a m --iova 0x10000",
	};

	world_setup(state);
	for (size_t i = 0; i < COUNT(lines); i++)
		if (command(*state, "%s", lines[i]) != EXIT_DONE)
			fail_msg("%s: %s", lines[i], complained(*state));
	return 0;
}

static const char *const refused[] = {
	/* Not even understood. */
	"", "bogus", "ioas", "ioas alloc --bogus", "ioas alloc x", "bind", "bind a b", "attach nic",
	"bind vfio2 --name x --name y", "ioas map a m --iova", "destroy", "exec",
	/* Names: taken, a number, too long, another thing's. */
	"ioas alloc --name a", "ioas alloc --name nic", "ioas alloc --name m", "ioas alloc --name 7",
	"ioas alloc --name 0x7", "ioas alloc --name ''", "ioas alloc --name iommufd",
	"ioas alloc --name vfio3",
	"ioas alloc --name nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
	"bind vfio2 --name a", "bind vfio2 --name nic", "bind vfio2 --name 7", "mem create a 4K",
	"mem create nic 4K", "mem create m 4K", "mem create 7 4K",
	/* Devices. */
	"bind vfio0", "bind nic", "bind vfio99", "bind 0000:00:1f.0", "bind fd:0", "bind fd:99",
	"bind /dev/tty", "bind a", "unbind vfio2", "unbind a", "unbind fd:99", "attach vfio2 a",
	"attach nic b", "attach nic 3", "attach nic 4", "attach nic m", "attach nic nothing",
	"attach vfio10 5", "attach vfio10 63", "attach vfio10 vfio10", "replace vfio10 a", "replace nic 63",
	"replace nic m", "detach vfio2", "detach b",
	/* Objects. */
	"destroy a", "destroy 1", "destroy nic", "destroy 4", "destroy 5", "destroy 6", "destroy 0",
	"destroy 63", "destroy m", "destroy nothing", "destroy 4294967296", "destroy a 4 nic",
	"show nothing", "show 63",
	/* Memory and where it is mapped. */
	"mem create x 0", "mem create x 1", "mem create x 4095", "mem create x 16777216T",
	"mem create x 9007199254740992K", "mem create x 4K --hugetlb 3M", "mem create x 4K --hugetlb 4K",
	"mem destroy m", "mem destroy a", "mem destroy nothing", "mem destroy fd:1",
	"mem write m 0 /nonexistent", "mem write m 64K /dev/zero", "mem write m 1T /dev/null",
	"mem write nothing 0 /dev/null", "mem write m 0 /", "mem read m 0 65537",
	"mem read m 65537 0", "mem read m 0xffffffffffffffff 2", "mem read nothing 0 1",
	"ioas map a m --iova 0x10000", "ioas map a m --iova 0x1000 --length 64K", "ioas map a m --iova 1",
	"ioas map a m --length 0", "ioas map a m --length 65K",
	"ioas map a m --length 68K", "ioas map a m --offset 4K --length 64K", "ioas map a m --offset 64K",
	"ioas map a m --offset 0xffffffffffffffff --length 2", "ioas map a nothing", "ioas map a nic",
	"ioas map a m --iova 0x8000 --piece 4K", "ioas map a m --piece 4K",
	"ioas map a m --iova 1M --piece 0", "ioas map a m --iova 1M --piece 100",
	"ioas map a m --iova 0xfffffffffffff000 --piece 4K",
	"ioas map nothing m", "ioas map nic m", "ioas map 63 m", "ioas map a fd:99", "ioas map a fd:1",
	"ioas unmap a 0x20000", "ioas unmap a 0x10000 4K", "ioas unmap a 0x11000", "ioas unmap a 0x10000 0",
	"ioas unmap b 0x10000", "ioas unmap b 0x10000 64K", "ioas unmap nothing 0x10000",
	"ioas unmap 63 0x10000 64K", "ioas unmap a x", "ioas ranges 63", "ioas ranges nic",
	/* Of a context alone, or of none. */
	"exec --device vfio2 x",
};

static void test_refused(void **state)
{
	struct world *world = *state;
	struct snapshot before;

	/* As in a batch: exec, alone, would become its command. */
	world->from.output.file = "script";
	take(world, &before);
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_unchanged(world, &before, refused[i], command(world, "%s", refused[i]));
	free(before.shown);
}

/* The same commands as are refused above for good reasons are well-formed here: the kernel is unwilling. */
static void test_kernel_refuses(void **state)
{
	static const struct { unsigned long request; const char *line; } cases[] = {
		{ 0x3b81, "ioas alloc" },
		{ 0x3b81, "ioas alloc --name c" },
		{ 0x3b76, "bind vfio2" },
		{ 0x3b76, "bind vfio2 --name second" },
		{ 0x3b77, "attach vfio10 a" },
		{ 0x3b77, "attach nic a" },
		{ 0x3b77, "replace nic b" },
		{ 0x3b78, "detach nic" },
		{ 0x3b80, "destroy b" },
		{ 0x3b80, "destroy b 3" },
		{ 0x3b84, "ioas ranges a" },
		{ 0x3b8f, "ioas map b spare" },
		{ 0x3b8f, "ioas map 3 m --iova 0x10000 --read" },
		{ 0x3b86, "ioas unmap a 0x10000" },
		{ 0x3b86, "ioas unmap a 0x10000 64K" },
	};
	static const int errors[] = { ENOMEM, EINVAL, EBUSY, EFAULT, EOPNOTSUPP, ENOENT };
	struct world *world = *state;
	struct snapshot before;

	take(world, &before);
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t e = 0; e < COUNT(errors); e++) {
			int code;

			kernel.refused = cases[i].request;
			kernel.error = errors[e];
			code = command(world, "%s", cases[i].line);
			kernel.refused = 0;
			assert_case(code == (errors[e] == EOPNOTSUPP ? EXIT_UNSUPPORTED : EXIT_FAILED),
				    cases[i].line);
			assert_unchanged(world, &before, cases[i].line, code);
		}
	free(before.shown);
}

static void test_nodes_missing(void **state)
{
	struct world *world = *state;
	struct snapshot before;

	take(world, &before);
	tree_unlink("dev/vfio/devices/vfio2");
	assert_unchanged(world, &before, "bind vfio2", command(world, "bind vfio2 --name x"));
	tree_unlink("sys/class/vfio-dev/vfio2");
	assert_unchanged(world, &before, "bind vfio2", command(world, "bind vfio2"));
	free(before.shown);
}

/* Without a node for the iommufd nothing is left open, and nothing is remembered. */
static void test_no_iommufd(void **state)
{
	static const char *const lines[] = {
		"ioas alloc --name x", "bind vfio2", "ioas ranges 1", "destroy 1",
	};
	struct world *world = world_new(CONTEXT_LASTING);
	struct snapshot before;

	(void)state;
	tree_unlink("dev/iommu");
	take(world, &before);
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_case(command(world, "%s", lines[i]) == EXIT_UNSUPPORTED, lines[i]);
		assert_case(strstr(complained(world), "offers no iommufd"), lines[i]);
		assert_unchanged(world, &before, lines[i], EXIT_UNSUPPORTED);
	}
	free(before.shown);
	world_free(world);
}

/* Some of several: what could be done is done, and the exit code says so. */
static void test_partly(void **state)
{
	struct world *world = *state;

	assert_int_equal(command(world, "destroy b 63 3"), EXIT_PARTLY);
	assert_non_null(strstr(complained(world), "'63': no object has this id (ENOENT)"));
	assert_int_equal(command(world, "show b"), EXIT_FAILED);
	assert_int_equal(command(world, "show 3"), EXIT_FAILED);
	assert_int_equal(command(world, "show a"), EXIT_DONE);
	assert_int_equal(command(world, "destroy b 63"), EXIT_FAILED);
	assert_int_equal(command(world, "ioas alloc --name b"), EXIT_DONE); /* the name is free again */
	assert_int_equal(command(world, "destroy b b"), EXIT_PARTLY);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_refused),
		TEST(test_kernel_refuses),
		TEST(test_nodes_missing),
		cmocka_unit_test(test_no_iommufd),
		TEST(test_partly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
