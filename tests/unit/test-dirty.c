/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hwpt dirty read over more than the tool holds of a bitmap at a time. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "uapi/iommufd.h"
#include "world.h"
#include "unit.h"

enum { PAGE = 4096, PIECE_PAGES = 524288 };

/* What devices have written: bytes. */
static struct {
	uint64_t start, last;
} dirty[64];
static size_t n_dirty;

/* The bits of [start, last], as far as they lie in what is asked for. */
static void set_bits(const struct uapi_iommu_hwpt_get_dirty_bitmap *arg, uint64_t start, uint64_t last)
{
	uint64_t *bitmap = (void *)(uintptr_t)arg->data, end = arg->iova + (arg->length - 1);

	start = start > arg->iova ? start : arg->iova;
	last = last < end ? last : end;
	for (uint64_t bit = (start - arg->iova) / arg->page_size;
	     start <= last && bit <= (last - arg->iova) / arg->page_size; bit++)
		bitmap[bit / 64] |= UINT64_C(1) << bit % 64;
}

static int dirty_bitmap(unsigned long request, void *arg)
{
	if (request != UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP)
		return TRUTH;
	for (size_t i = 0; i < n_dirty; i++)
		set_bits(arg, dirty[i].start, dirty[i].last);
	return 0;
}

static int setup(void **state)
{
	world_setup(state);
	kernel.lie = dirty_bitmap;
	n_dirty = 0;
	return 0;
}

/* The HWPT that the kernel makes for it. */
static uint32_t attach(struct world *world)
{
	assert_int_equal(number_of(world, "ioas alloc --name a"), 1);
	assert_int_equal(command(world, "bind vfio0"), EXIT_DONE);
	return number_of(world, "attach vfio0 a");
}

static void write_pages(uint64_t first, uint64_t n)
{
	dirty[n_dirty].start = first * PAGE;
	dirty[n_dirty++].last = (first + n) * PAGE - 1;
}

static void test_next_piece(void **state)
{
	struct world *world = *state;
	uint32_t hwpt = attach(world);

	write_pages(0, 1);
	write_pages(PIECE_PAGES - 2, 3);	 /* over the first end */
	write_pages(2 * PIECE_PAGES, 2 * PIECE_PAGES); /* two whole pieces */
	write_pages(5 * PIECE_PAGES - 1, 1);	 /* the last page of one */
	assert_int_equal(command(world, "hwpt dirty read %u 0 10G --json", hwpt), EXIT_DONE);
	assert_string_equal(printed(world), "{\"version\":1,\"dirty\":["
			    "{\"iova\":0,\"length\":4096},"
			    "{\"iova\":2147475456,\"length\":12288},"
			    "{\"iova\":4294967296,\"length\":4294967296},"
			    "{\"iova\":10737414144,\"length\":4096}]}\n");
}

static void test_last_addresses(void **state)
{
	struct world *world = *state;
	uint32_t hwpt = attach(world);

	write_pages(UINT64_MAX / PAGE, 1);
	assert_int_equal(command(world, "hwpt dirty read %u 0xffffffff00000000 4G", hwpt), EXIT_DONE);
	assert_string_equal(printed(world), "IOVA                LENGTH\n0xfffffffffffff000  4096\n");
}

/* What was written of n pages from start on, one byte a page. */
static void fill_model(char *model, uint64_t start, uint64_t n)
{
	memset(model, 0, n);
	for (size_t i = 0; i < n_dirty; i++)
		for (uint64_t at = dirty[i].start / PAGE; at <= dirty[i].last / PAGE; at++)
			if (at >= start && at - start < n)
				model[at - start] = 1;
}

static void assert_ranges(struct world *world, const char *model, uint64_t start, uint64_t n)
{
	const char *at = strchr(printed(world), '\n') + 1;
	char line[64];

	for (uint64_t i = 0, from; i < n; i++) {
		if (!model[i])
			continue;
		for (from = i; i < n && model[i]; i++)
			;
		snprintf(line, sizeof(line), "0x%-16llx  %llu\n", (unsigned long long)(start + from) * PAGE,
			 (unsigned long long)(i - from) * PAGE);
		assert_memory_equal(at, line, strlen(line));
		at += strlen(line);
	}
	assert_int_equal(*at, '\0');
}

static void assert_bitmap(const struct world *world, const char *model, uint64_t n)
{
	assert_int_equal(world->out.len, (n + 7) / 8);
	for (uint64_t i = 0; i < n; i++)
		if ((world->out.buf[i / 8] >> i % 8 & 1) != model[i])
			fail_msg("bit %llu is wrong", (unsigned long long)i);
}

/* Some pages here and there, most of them near the ends of pieces. */
static void write_somewhere(uint32_t *seed, uint64_t start)
{
	n_dirty = 0;
	while (n_dirty < 40)
		write_pages(start + next_random(seed) % 4 * PIECE_PAGES + next_random(seed) % 64 - 32,
			    1 + next_random(seed) % 20);
}

static void read_pages(struct world *world, uint32_t hwpt, uint64_t start, uint64_t n, const char *how)
{
	int rc = command(world, "hwpt dirty read %u %lluK %lluK %s", hwpt, (unsigned long long)start * 4,
			 (unsigned long long)n * 4, how);

	assert_int_equal(rc, EXIT_DONE);
}

static void test_any_range(void **state)
{
	struct world *world = *state;
	uint32_t hwpt = attach(world), seed = 1;
	char *model = malloc(4 * PIECE_PAGES);

	assert_non_null(model);
	for (int round = 0; round < 30; round++) {
		uint64_t start = 64 + next_random(&seed) % 100000;
		uint64_t n = 1 + next_random(&seed) % (3 * PIECE_PAGES);

		if (round % 2)
			n = n / PIECE_PAGES * PIECE_PAGES + 1 + next_random(&seed) % 64;
		write_somewhere(&seed, start);
		fill_model(model, start, n);
		read_pages(world, hwpt, start, n, "");
		assert_ranges(world, model, start, n);
		read_pages(world, hwpt, start, n, "--raw");
		assert_bitmap(world, model, n);
	}
	free(model);
}

static void test_failure(void **state)
{
	struct world *world = *state;
	uint32_t hwpt = attach(world);

	write_pages(3, 1);
	kernel.refused = UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP;
	kernel.error = EINVAL;
	kernel.spared = 2;
	assert_int_equal(command(world, "hwpt dirty read %u 0 8G", hwpt), EXIT_FAILED);
	assert_string_equal(printed(world), "IOVA                LENGTH\n0x3000              4096\n");
	assert_non_null(strstr(complained(world), "(EINVAL)"));
	assert_non_null(strstr(complained(world), "the first 4294967296 bytes were read\n"));
	kernel.spared = 0;
	assert_int_equal(command(world, "hwpt dirty read %u 0 8G", hwpt), EXIT_FAILED);
	assert_int_equal(world->out.len, 0);
	assert_null(strstr(complained(world), "bytes were read"));
}

/* A terminal for what the commands complain about; -1: there are none on this machine. */
static int open_terminal(struct world *world)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return -1;
	buf_str(&world->err, "a buffer");
	world->err.fd = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(world->err.fd >= 0);
	return master;
}

#define END "(the end)"

/* What has come to it, which takes its time; of an error it is enough that there is one. */
static void assert_terminal(const struct world *world, int master, const char *expected)
{
	char text[4096] = "", *end;
	size_t len = 0;
	ssize_t n = 1;

	assert_int_equal(write(world->err.fd, END, strlen(END)), strlen(END));
	for (; n > 0 && !(end = strstr(text, END)); len += n > 0 ? (size_t)n : 0)
		n = read(master, text + len, sizeof(text) - 1 - len);
	assert_non_null(end);
	*end = '\0';
	if ((end = strstr(text, "iommufdctl: ")))
		end[strlen("iommufdctl: ")] = '\0';
	assert_string_equal(text, expected);
}

#define HIDDEN "\r     \r"

/* Each time it is gone before anything else is printed. */
static void test_progress(void **state)
{
	struct world *world = *state;
	uint32_t hwpt = attach(world);
	int master = open_terminal(world);

	if (master < 0)
		skip();
	assert_int_equal(command(world, "hwpt dirty read %u 0 8G", hwpt), EXIT_DONE);
	assert_terminal(world, master, "  0 %" HIDDEN " 25 %" HIDDEN " 50 %" HIDDEN " 75 %" HIDDEN);
	kernel.refused = UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP;
	kernel.error = ENOMEM;
	kernel.spared = 1;
	command(world, "hwpt dirty read %u 0 4G", hwpt);
	assert_terminal(world, master, "  0 %" HIDDEN " 50 %" HIDDEN "iommufdctl: ");
	kernel.refused = 0;
	assert_int_equal(command(world, "hwpt dirty read %u 0 2G", hwpt), EXIT_DONE);
	assert_terminal(world, master, "");
	close(world->err.fd);
	close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_next_piece, setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_last_addresses, setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_any_range, setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_failure, setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_progress, setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
