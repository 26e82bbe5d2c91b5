/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "did you mean": how far words are from each other, and which of a list are meant. */
#include <string.h>

#include "unit.h"
#include "util/near.h"
#include "world.h"

static void test_distance(void **state)
{
	static const struct { const char *a, *b; unsigned int distance; } cases[] = {
		{ "", "", 0 }, { "", "abc", 3 }, { "abc", "", 3 }, { "bind", "bind", 0 },
		{ "bnid", "bind", 1 }, /* two letters have changed places */
		{ "bin", "bind", 1 }, { "binds", "bind", 1 }, { "bond", "bind", 1 }, { "BIND", "bind", 0 },
		{ "dibn", "bind", 3 }, { "sttaus", "status", 1 }, { "atach", "attach", 1 },
		{ "hwpt-alloc", "hwpt alloc", 1 }, { "abc", "xyz", 3 },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", 32 },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", NOT_NEAR }, /* one letter more than there is room for */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_case(near_distance(cases[i].a, cases[i].b) == cases[i].distance, cases[i].a);
		assert_case(near_distance(cases[i].b, cases[i].a) == cases[i].distance, cases[i].a);
	}
}

static void test_rank(void **state)
{
	(void)state;
	assert_int_equal(near_rank("bnid", "bind"), 1);
	assert_int_equal(near_rank("sess", "session"), 1); /* what it begins with */
	assert_int_equal(near_rank("s", "session"), NOT_NEAR);
	assert_int_equal(near_rank("x", "on"), NOT_NEAR);
	assert_int_equal(near_rank("bogus", "bind"), NOT_NEAR);
	assert_int_equal(near_rank("list", "list"), 0);
}

static void test_text(void **state)
{
	char text[NEAR_ROOM];
	struct near near;

	(void)state;
	near_start(&near);
	assert_string_equal(near_text(&near, text), "");
	near_offer(&near, NOT_NEAR, "", "far");
	assert_string_equal(near_text(&near, text), "");
	near_offer(&near, 2, "", "second");
	near_offer(&near, 1, "--", "first");
	near_offer(&near, 2, "", "third");
	near_offer(&near, 1, "--", "first"); /* once is enough */
	assert_string_equal(near_text(&near, text), ", did you mean '--first'?");
	near_offer(&near, 1, "", "b");
	assert_string_equal(near_text(&near, text), ", did you mean '--first' or 'b'?");
	near_offer(&near, 1, "", "cccccccccccccccccccccccccccccccc");
	near_offer(&near, 1, "", "d");
	assert_string_equal(near_text(&near, text),
			    ", did you mean '--first', 'b' or 'cccccccccccccccccccccccccccccccc'?");
}

/* --- what is said of lines ------------------------------------------------------------------------ */

static void test_lines(void **state)
{
	static const struct { const char *line, *message; } cases[] = {
		{ "bnid vfio0", "unknown verb 'bnid', did you mean 'bind'?\n" },
		{ "LIST", "unknown verb 'LIST', did you mean 'list'?\n" },
		{ "att vfio0 1", "unknown verb 'att', did you mean 'attach'?\n" },
		{ "iosa map", "unknown verb 'iosa', did you mean 'ioas map'?\n" },
		{ "iosa", "unknown verb 'iosa', did you mean 'ioas'?\n" },
		{ "iosa bogus", "unknown verb 'iosa', did you mean 'ioas'?\n" },
		{ "ioas-alloc", "unknown verb 'ioas-alloc', did you mean 'ioas alloc'?\n" },
		{ "map guest ram", "unknown verb 'map', did you mean 'ioas map'?\n" },
		{ "start", "unknown verb 'start', did you mean 'dma-log start' or 'session start'?\n" },
		{ "bogus", "unknown verb 'bogus'\n" },
		{ "ioas allo", "change-process, did you mean 'ioas alloc' or 'ioas allow'?\n" },
		{ "ioas mpa", "change-process, did you mean 'ioas map'?\n" },
		{ "ioas bogus", "change-process\n" },
		{ "help bnid", "unknown verb 'bnid', did you mean 'bind'?\n" },
		{ "bind vfio0 --naem x", "unknown option '--naem', did you mean '--name'?\n" },
		{ "bind vfio0 --naem=x", "unknown option '--naem=x', did you mean '--name'?\n" },
		{ "bind vfio0 -name x", "unknown option '-name', did you mean '--name'?\n" },
		{ "list --jsno", "unknown option '--jsno', did you mean '--json'?\n" },
		{ "list --onec", "unknown option '--onec', did you mean '--once'?\n" },
		{ "list --once", "option '--once' goes before the verb\n" },
		{ "list --bogus", "unknown option '--bogus'\n" },
		{ "list -x", "unknown option '-x'\n" },
		{ "migration set vfio0 stpo", "pre-copy-p2p, did you mean 'stop'?\n" },
		{ "option set rlimit-mdoe user", "huge-pages, did you mean 'rlimit-mode'?\n" },
		{ "low-power vfio0 offf", "none of off, on, did you mean 'off'?\n" },
		{ "session start --on-request kepe", "neither 'keep' nor 'unbind', did you mean 'keep'?\n" },
	};
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_case(command(world, "%s", cases[i].line) == EXIT_USAGE, cases[i].line);
		if (!strstr(complained(world), cases[i].message))
			fail_msg("'%s': %s", cases[i].line, complained(world));
	}
	assert_int_equal(kernel.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_rank),
		cmocka_unit_test(test_text),
		cmocka_unit_test_setup_teardown(test_lines, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
