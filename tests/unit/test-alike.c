/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that differ in values only: which are taken for one, and what is made of them. */
#include <stdlib.h>
#include <string.h>

#include "alike.h"
#include "unit.h"
#include "world.h"

enum { ROOM = ALIKE_LENGTH + WORDS_SLACK };

struct room {
	struct command command;
	struct alike alike;
	char store[ROOM], *words[ROOM];
};

static void learn(struct world *world, struct room *room, const char *line)
{
	char text[ROOM] = { 0 };
	size_t len = strlen(line);
	int n, rc;

	memcpy(text, line, len);
	assert_int_equal(words_simple(text, len, room->store, room->words, &n), len - 1);
	if (!command_sort(&room->command, &world->from, n, room->words, &rc))
		fail_msg("%s: %s", line, complained(world));
	alike_learn(&room->alike, text, len, room->store, &room->command.call);
}

/* Exactly as much of a text, and of room, as is promised, for the sanitizer. */
static bool is_alike(struct room *room, const char *text, size_t have)
{
	char *copy = malloc(have + WORDS_SLACK), *store = malloc(room->alike.len + WORDS_SLACK);
	bool alike;

	assert_true(copy && store);
	memset(copy + have, '\n', WORDS_SLACK);
	memcpy(copy, text, have);
	alike = alike_is(&room->alike, copy, have, store);
	if (alike)
		memcpy(room->store, store, room->alike.len);
	free(copy);
	free(store);
	return alike;
}

#define LINE "ioas  map 1 ram\t--iova 0x1000 --offset=0 --length 4K -j\n"

static void test_which_are_alike(void **state)
{
	static const struct { const char *line; bool alike; } cases[] = {
		{ LINE, true },
		{ LINE "more", true },
		{ "ioas  map 1 rom\t--iova 0xffff --offset=9 --length 8G -j\n", true },
		{ "ioas  map 1 r-=\t--iova -----x --offset=- --length -- -j\n", true },
		{ "ioas  map 1 r\xff\x80\t--iova 123456 --offset=\x7f --length {} -j\n", true },
		{ "ioas  map 2 ram\t--iova 0x1000 --offset=0 --length 4K -j\n", false }, /* its only character */
		{ "ioas  map - ram\t--iova 0x1000 --offset=0 --length 4K -j\n", false },
		{ "ioas  map 1 -am\t--iova 0x1000 --offset=0 --length 4K -j\n", false },
		{ "ioas  map 1 mem\t--iova 0x1000 --offset=0 --length 4K -j\n", false },
		{ "ioas  mop 1 ram\t--iova 0x1000 --offset=0 --length 4K -j\n", false },
		{ "ioas  map 1 ram\t--iovb 0x1000 --offset=0 --length 4K -j\n", false },
		{ "ioas  map 1 ram\t--iova 0x1000 --offset 0 --length 4K -j\n", false },
		{ "ioas  map 1 ram\t--iova 0x1000 --offset=0 --length 4K -v\n", false },
		{ "ioas  map 1 ram --iova 0x1000 --offset=0 --length 4K -j\n", false },
		{ "ioas  map 1 ra \t--iova 0x1000 --offset=0 --length 4K -j\n", false },
		{ "ioas  map 1 ram\t--iova 0x 000 --offset=0 --length 4K -j\n", false },
		{ "ioas  map 1 ram\t--iova '0x10' --offset=0 --length 4K -j\n", false },
		{ "ioas  map 1 ram\t--iova 0x\\000 --offset=0 --length 4K -j\n", false },
		{ "ioas  map 1 ram\t--iova 0x\"000 --offset=0 --length 4K -j\n", false },
		{ "ioas  map 1 ram\t--iova #x1000 --offset=0 --length 4K -j\n", false },
		{ "ioas  map 1 ram\t--iova 0x\n000 --offset=0 --length 4K -j\n", false },
		{ "ioas  map 1 ram\t--iova 0x1000 --offset=0 --length 4K -jj\n", false },
		{ "ioas  map 1 ram\t--iova 0x1000 --offset=0 --length 4K -\n", false },
	};
	struct room room;

	learn(*state, &room, LINE);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_case(is_alike(&room, cases[i].line, strlen(cases[i].line)) == cases[i].alike,
			    cases[i].line);
	assert_false(is_alike(&room, LINE, strlen(LINE) - 1)); /* not all of it has been read */
	assert_false(is_alike(&room, "ioas  map 1 r\0m\t--iova 0x1000 --offset=0 --length 4K -j\n",
			      strlen(LINE)));
	room.alike.len = 0;
	assert_false(is_alike(&room, LINE, strlen(LINE)));
}

/* Arguments and values of the command that was learnt are now those of the other line. */
static void test_words_of_the_other(void **state)
{
	struct room room;
	const struct call *call = &room.command.call;

	learn(*state, &room, LINE);
	assert_true(is_alike(&room, "ioas  map 1 rom\t--iova 0xffff --offset=9 --length 8G -j\n", strlen(LINE)));
	assert_string_equal(call->verb->name, "ioas map");
	assert_int_equal(call->n_args, 2);
	assert_string_equal(call->args[0], "1");
	assert_string_equal(call->args[1], "rom");
	assert_int_equal(call->n_given, 4);
	assert_string_equal(call->given[0].value, "0xffff");
	assert_string_equal(call->given[1].value, "9");
	assert_string_equal(call->given[2].value, "8G");
	assert_null(call->given[3].value);
}

static void test_lengths(void **state)
{
	char line[ROOM] = "ioas alloc --name ";
	size_t name = strlen(line);
	struct room room;

	for (size_t len = name + 2; len <= ALIKE_LENGTH; len++) {
		memset(line + name, 'x', len - name - 1);
		strcpy(line + len - 1, "\n");
		learn(*state, &room, line);
		line[name] = line[len - 2] = 'y';
		assert_true(is_alike(&room, line, len));
		assert_string_equal(room.command.call.given[0].value + len - name - 2, "y");
		line[name - 2] = 'n';
		assert_false(is_alike(&room, line, len));
		line[name - 2] = 'e';
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_which_are_alike),
		TEST(test_words_of_the_other),
		TEST(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
