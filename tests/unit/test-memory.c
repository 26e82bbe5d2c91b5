/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory, and where it is mapped: the kernel tells nobody, so the context has to know it right. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "context/memory.h"
#include "world.h"
#include "uapi/iommufd.h"
#include "unit.h"

static void assert_prints(struct world *world, const char *line, const char *expected)
{
	ok(world, line);
	assert_string_equal(printed(world), expected);
}

static int setup_on(void **state, const char *release)
{
	world_setup(state);
	kernel_boot(release);
	ok(*state, "ioas alloc --name a");
	ok(*state, "ioas alloc --name b");
	ok(*state, "mem create m 64K");
	return 0;
}

static int setup(void **state)
{
	return setup_on(state, "7.2");
}

static int setup_old(void **state)
{
	return setup_on(state, "6.12");
}

#define MAPPING(ioas, iova, length, memory, offset, access) \
	"{\"ioas\":" #ioas ",\"iova\":" #iova ",\"length\":" #length ",\"memory\":" memory \
	",\"offset\":" #offset ",\"access\":\"" access "\"}"
#define M "\"m\""
#define NO_NAME "null"

/* The part of show's JSON that is the mappings. */
static void assert_mappings(struct world *world, const char *expected)
{
	char all[1024];

	ok(world, "show --json");
	snprintf(all, sizeof(all), "\"mappings\":[%s]}\n", expected);
	if (!strstr(printed(world), all))
		fail_msg("%s is not in %s", all, printed(world));
}

static void write_file(const char *name, const char *bytes, size_t len)
{
	int fd = open_file(tree_path("%s", name));

	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void test_bytes_in_and_out(void **state)
{
	struct world *world = *state;
	char path[512];

	assert_prints(world, "mem read m 0 3 --json", "{\"version\":1,\"data\":\"000000\"}\n");
	write_file("bytes", "abc\0\xff", 5);
	snprintf(path, sizeof(path), "%s", tree_path("bytes"));
	assert_int_equal(command(world, "mem write m 0xfffb %s", path), EXIT_DONE);
	assert_prints(world, "mem read m 0xfffa 6 --json", "{\"version\":1,\"data\":\"0061626300ff\"}\n");
	ok(world, "mem read m 0xfffb 5");
	assert_int_equal(world->out.len, 5);
	assert_memory_equal(world->out.buf, "abc\0\xff", 5);
	assert_prints(world, "mem read m 64K 0", "");
	/* One byte more than fits: nothing is written, as its length is known beforehand. */
	assert_int_equal(command(world, "mem write m 0xfffc %s", path), EXIT_FAILED);
	assert_prints(world, "mem read m 0xfffb 5 -j", "{\"version\":1,\"data\":\"61626300ff\"}\n");
	world->from.output.file = "<stdin>";
	assert_fails(world, "mem write m 0 -", EXIT_USAGE, "'-' is the standard input");
}

static void test_read_in_pieces(void **state)
{
	struct world *world = *state;
	char *expected = malloc(1 << 20), path[512];

	assert_non_null(expected);
	for (size_t i = 0; i < 1 << 20; i++)
		expected[i] = (char)(i % 251);
	write_file("big", expected, 1 << 20);
	snprintf(path, sizeof(path), "%s", tree_path("big"));
	ok(world, "mem create big 1M");
	assert_int_equal(command(world, "mem write big 0 %s", path), EXIT_DONE);
	ok(world, "mem read big 1 1048575");
	assert_int_equal(world->out.len, (1 << 20) - 1);
	assert_memory_equal(world->out.buf, expected + 1, (1 << 20) - 1);
	free(expected);
}

static void test_list_and_destroy(void **state)
{
	struct world *world = *state;
	size_t fds = open_fds();

	assert_prints(world, "mem list", "MEMORY  SIZE   PAGE-SIZE  MAPPINGS\nm       65536  4096       0\n");
	ok(world, "mem create n 4K");
	ok(world, "ioas map a m");
	ok(world, "ioas map b m");
	assert_fails(world, "mem destroy m", EXIT_FAILED, "it is mapped, 2 times (EBUSY)");
	ok(world, "mem destroy n");
	assert_int_equal(open_fds(), fds);
	ok(world, "ioas unmap a 0x10000");
	assert_fails(world, "mem destroy m", EXIT_FAILED, "it is mapped, 1 time (EBUSY)");
	ok(world, "destroy b"); /* its mappings go with it */
	ok(world, "mem destroy m");
	assert_int_equal(open_fds(), fds - 1);
	assert_prints(world, "mem list -j", "{\"version\":1,\"memories\":[]}\n");
}

static void test_sizes(void **state)
{
	static const char *const bad[] = {
		"0", "1", "4095", "4097", "x", "-4K", "16777216T", "8388608T", "0x8000000000000000",
		"4K --hugetlb 4K", "4K --hugetlb 3M", "4K --hugetlb 0", "4K --hugetlb 2M", "2M --hugetlb x",
	};
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_case(command(world, "mem create x -- %s", bad[i]) == EXIT_USAGE, bad[i]);
		assert_case(command(world, "mem create x %s", bad[i]) == EXIT_USAGE, bad[i]);
	}
	assert_int_equal(world->ctx.memories.count, 1);
}

static void test_size_is_sealed(void **state)
{
	struct world *world = *state;
	int fd = ((struct memory *)world->ctx.memories.items[0])->fd;

	assert_int_equal(ftruncate(fd, 4096), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 1 << 20), -1);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

static void test_map(void **state)
{
	struct world *world = *state;

	assert_prints(world, "ioas map a m", "0x10000\n");
	assert_prints(world, "ioas map a m --iova 0x100000 --offset 4K --length 8K --read", "0x100000\n");
	assert_prints(world, "ioas map 1 m --iova 2M --write -j", "{\"version\":1,\"iova\":2097152}\n");
	assert_mappings(world,
			MAPPING(1, 65536, 65536, M, 0, "rw") ","
			MAPPING(1, 1048576, 8192, M, 4096, "r") ","
			MAPPING(1, 2097152, 65536, M, 0, "w"));
	assert_int_equal(kernel_mappings(), 3);
	assert_int_equal(kernel.last, UAPI_IOMMU_IOAS_MAP_FILE);
}

static int memfd(unsigned int seals, size_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd > STDERR_FILENO);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	if (seals)
		assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void test_map_in_pieces(void **state)
{
	struct world *world = *state;
	int fd = memfd(0, 16384);

	assert_prints(world, "ioas map a m --iova 1M --offset 28K --piece 16K --read", "0x100000\n");
	assert_mappings(world,
			MAPPING(1, 1048576, 16384, M, 28672, "r") ","
			MAPPING(1, 1064960, 16384, M, 45056, "r") ","
			MAPPING(1, 1081344, 4096, M, 61440, "r"));
	assert_int_equal(kernel_mappings(), 3);
	/* The third piece lies on what is there: the first two go again, and with them the memory. */
	assert_int_equal(command(world, "ioas map a fd:%d --iova 0xfe000 --piece 4K", fd), EXIT_FAILED);
	assert_int_equal(kernel_mappings(), 3);
	assert_int_equal(world->ctx.memories.count, 1);
	/* Or they stay, and that is said. */
	kernel.refused = UAPI_IOMMU_IOAS_UNMAP;
	kernel.error = ENOMEM;
	assert_int_equal(command(world, "ioas map a fd:%d --iova 0xfe000 --piece 4K", fd), EXIT_FAILED);
	assert_non_null(strstr(complained(world), "the first 8192 bytes are left mapped"));
	assert_int_equal(kernel_mappings(), 5);
	assert_int_equal(world->ctx.memories.count, 2);
	kernel.refused = 0;
	assert_int_equal(command(world, "ioas unmap a 0xfe000 8K"), EXIT_DONE);
	assert_int_equal(world->ctx.memories.count, 1);
	close(fd);
}

/* Whatever the order of mapping, the context keeps them in the order of their IOVA. */
static void test_order_of_mappings(void **state)
{
	static const unsigned int order[] = { 5, 1, 9, 3, 7, 2, 8, 4, 6, 10, 12, 11 };
	struct world *world = *state;
	char expected[64];

	for (size_t i = 0; i < COUNT(order); i++)
		assert_int_equal(command(world, "ioas map a m --iova %uM", order[i]), EXIT_DONE);
	ok(world, "show a --json");
	for (unsigned int i = 1; i < COUNT(order); i++) {
		const char *at;

		snprintf(expected, sizeof(expected), "\"iova\":%u,", i << 20);
		at = strstr(printed(world), expected);
		assert_non_null(at);
		snprintf(expected, sizeof(expected), "\"iova\":%u,", (i + 1) << 20);
		assert_non_null(strstr(at, expected));
	}
	for (size_t i = 0; i < COUNT(order); i++)
		assert_int_equal(command(world, "ioas unmap a %uM", order[i]), EXIT_DONE);
	assert_mappings(world, "");
	ok(world, "mem destroy m");
}

static void test_unmap(void **state)
{
	struct world *world = *state;

	for (int i = 1; i <= 4; i++)
		assert_int_equal(command(world, "ioas map a m --iova %dM", i), EXIT_DONE);
	ok(world, "ioas map b m --iova 1M");
	assert_prints(world, "ioas unmap a 2M", "");
	assert_prints(world, "ioas unmap a 2M 3M --json", "{\"version\":1,\"length\":131072}\n");
	assert_mappings(world,
			MAPPING(1, 1048576, 65536, M, 0, "rw") ","
			MAPPING(2, 1048576, 65536, M, 0, "rw"));
	/* ENOENT means one thing or the other. */
	assert_fails(world, "ioas unmap a 5M 4K", EXIT_FAILED, "no such mapping");
	assert_fails(world, "ioas unmap 9 5M 4K", EXIT_FAILED, "no IOAS has this id");
	ok(world, "ioas unmap a 0 0xffffffffffffffff"); /* all of it */
	assert_prints(world, "mem list -j",
		      "{\"version\":1,\"memories\":["
		      "{\"name\":\"m\",\"size\":65536,\"page_size\":4096,\"mappings\":1}]}\n");
}

/* The kernel unmaps from the lowest up, until it comes to one that lies only half inside. */
static void test_unmap_that_cuts(void **state)
{
	static const char shown[] = MAPPING(1, 1048576, 65536, M, 0, "rw") ","
				    MAPPING(1, 2097152, 65536, M, 0, "rw");
	struct world *world = *state;

	ok(world, "ioas map a m --iova 1M");
	ok(world, "ioas map a m --iova 2M");
	assert_fails(world, "ioas unmap a 1M 0x101000", EXIT_FAILED, "one lies only half inside (ENOENT)");
	assert_fails(world, "ioas unmap a 0x101000 2M", EXIT_FAILED, "one lies only half inside (ENOENT)");
	assert_mappings(world, shown);
	assert_int_equal(kernel_mappings(), 2);
	ok(world, "ioas unmap a 1M 0x110000");
	assert_int_equal(kernel_mappings(), 0);
}

/* One that an inherited iommufd had before: mappings are remembered there as well. */
static void test_unknown_ioas(void **state)
{
	struct world *world = *state;
	uint32_t id;

	assert_int_equal(iommufd_ioas_alloc(world->ctx.iommufd, &id), 0);
	assert_int_equal(id, 3);
	assert_prints(world, "ioas map 3 m --iova 1M", "0x100000\n");
	ok(world, "ioas unmap 3 1M");
	assert_fails(world, "ioas unmap 3 1M", EXIT_FAILED, "knows no mapping");
	ok(world, "ioas ranges 3");
	assert_fails(world, "ioas map 9 m", EXIT_FAILED, "no IOAS has this id");
}

/* Before Linux 6.13 there is no MAP_FILE: the same command maps this process's own view of the memory. */
static void test_old_kernel(void **state)
{
	struct world *world = *state;
	unsigned int calls;

	assert_prints(world, "ioas map a m --iova 1M", "0x100000\n");
	assert_int_equal(kernel.last, UAPI_IOMMU_IOAS_MAP);
	assert_true(world->ctx.no_map_file);
	calls = kernel.calls;
	ok(world, "ioas map b m --iova 1M");
	assert_int_equal(kernel.calls, calls + 1); /* it is not asked again */
	assert_int_equal(kernel.last, UAPI_IOMMU_IOAS_MAP);
	assert_fails(world, "ioas map b m --iova 1M", EXIT_FAILED, "EEXIST");
	/* What is written then is what devices see: it is the same memory. */
	write_file("bytes", "xyz", 3);
	assert_int_equal(command(world, "mem write m 0 %s", tree_path("bytes")), EXIT_DONE);
	assert_memory_equal(((struct memory *)world->ctx.memories.items[0])->map, "xyz", 3);
	ok(world, "destroy a b");
	ok(world, "mem destroy m");
}

/* A memory of this process must not stay in an iommufd that outlives it. */
static void test_old_kernel_borrowed(void **state)
{
	struct world *world = *state;

	world->ctx.borrowed = true;
	assert_fails(world, "ioas map a m", EXIT_UNSUPPORTED, "6.13");
	assert_int_equal(kernel_mappings(), 0);
	world->ctx.borrowed = false;
}

static void test_memory_of_the_caller(void **state)
{
	struct world *world = *state;
	int fd = memfd(0, 8192), again = dup(fd);

	assert_int_equal(command(world, "ioas map a fd:%d --iova 1M", fd), EXIT_DONE);
	assert_int_equal(command(world, "ioas map a fd:%d --iova 2M --offset 4K", again), EXIT_DONE);
	assert_int_equal(world->ctx.memories.count, 2); /* one file is one memory: it is kept as one */
	assert_mappings(world,
			MAPPING(1, 1048576, 8192, NO_NAME, 0, "rw") ","
			MAPPING(1, 2097152, 4096, NO_NAME, 4096, "rw"));
	ok(world, "ioas unmap a 1M");
	ok(world, "destroy a");
	assert_int_equal(world->ctx.memories.count, 1); /* what has no name goes with its mapping */
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(again), 0);
}

/* The kernel checks neither: a device would write where the caller may not. */
static void test_read_only_memory(void **state)
{
	struct world *world = *state;
	int sealed = memfd(F_SEAL_WRITE, 4096), fd = memfd(0, 4096), reading;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reading = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(reading >= 0);
	assert_int_equal(command(world, "ioas map a fd:%d", sealed), EXIT_FAILED);
	assert_non_null(strstr(complained(world), "hint: map it with --read"));
	assert_int_equal(command(world, "ioas map a fd:%d --write", reading), EXIT_FAILED);
	assert_int_equal(kernel_mappings(), 0);
	assert_int_equal(world->ctx.memories.count, 1);
	assert_int_equal(command(world, "ioas map a fd:%d --read", sealed), EXIT_DONE);
	assert_int_equal(command(world, "ioas map a fd:%d --read", reading), EXIT_DONE);
	close(sealed);
	close(fd);
	close(reading);
}

static void test_no_memory(void **state)
{
	struct world *world = *state;
	int fd = open_file("/dev/null");

	assert_int_equal(command(world, "ioas map a fd:%d", fd), EXIT_FAILED);
	assert_non_null(strstr(complained(world), "not a memfd"));
	assert_fails(world, "ioas map a x", EXIT_FAILED, "hint: iommufdctl mem create x SIZE");
	assert_fails(world, "ioas map a ../x", EXIT_USAGE, "no name of a memory");
	assert_fails(world, "mem read fd:3 0 1", EXIT_USAGE, "no name of a memory");
	assert_int_equal(world->ctx.memories.count, 1);
	close(fd);
}

static uint32_t n_ranges;

/* More of them, or less, than devices reserve. */
static int say_ranges(unsigned long request, void *arg)
{
	struct uapi_iommu_ioas_iova_ranges *ranges = arg;
	struct uapi_iommu_iova_range *to = (void *)(uintptr_t)ranges->allowed_iovas;
	uint32_t room = ranges->num_iovas;

	if (request != UAPI_IOMMU_IOAS_IOVA_RANGES)
		return TRUTH;
	for (uint32_t i = 0; i < room && i < n_ranges; i++)
		to[i] = (struct uapi_iommu_iova_range){ i * 0x100000ull, i * 0x100000ull + 0xfffff };
	ranges->num_iovas = n_ranges;
	ranges->out_iova_alignment = 4096;
	return room < n_ranges ? EMSGSIZE : 0;
}

static void test_ranges(void **state)
{
	struct world *world = *state;
	size_t lines = 0;

	ok(world, "bind vfio0");
	ok(world, "attach vfio0 a");
	assert_prints(world, "ioas ranges a",
		      "START       LAST            ALIGNMENT\n"
		      "0x0         0xfedfffff      4096\n"
		      "0xfef00000  0xffffffffffff  4096\n");
	kernel.lie = say_ranges;
	n_ranges = 1000; /* more than there is room for at first */
	ok(world, "ioas ranges a");
	for (const char *at = printed(world); (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 1001);
	assert_non_null(strstr(printed(world), "0x3e700000  0x3e7fffff  4096\n"));
	n_ranges = 0;
	assert_prints(world, "ioas ranges a -j", "{\"version\":1,\"ranges\":[]}\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_bytes_in_and_out),
		TEST(test_read_in_pieces),
		TEST(test_list_and_destroy),
		TEST(test_sizes),
		TEST(test_size_is_sealed),
		TEST(test_map),
		TEST(test_map_in_pieces),
		TEST(test_order_of_mappings),
		TEST(test_unmap),
		TEST(test_unmap_that_cuts),
		TEST(test_unknown_ioas),
		cmocka_unit_test_setup_teardown(test_old_kernel, setup_old, world_teardown),
		cmocka_unit_test_setup_teardown(test_old_kernel_borrowed, setup_old, world_teardown),
		TEST(test_memory_of_the_caller),
		TEST(test_read_only_memory),
		TEST(test_no_memory),
		TEST(test_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
