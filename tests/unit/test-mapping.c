/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ordered array of mappings, against a table with a place for each address. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "context/mapping.h"
#include "unit.h"

enum { PLACES = 64, ROUNDS = 100000 };

static void add(struct mappings *mappings, uint64_t iova)
{
	const struct mapping mapping = { .iova = iova, .length = 1 };

	assert_int_equal(mappings_reserve(mappings, 1), 0);
	mappings_insert(mappings, &mapping);
}

/* Those of the table, in order, and no others. */
static void assert_same(const struct mappings *mappings, const bool *taken)
{
	size_t n = 0;

	for (uint64_t iova = 0; iova < PLACES; iova++) {
		assert_int_equal(mappings_index(mappings, iova), n);
		if (!taken[iova])
			continue;
		assert_true(n < mappings->count);
		assert_int_equal(mapping_at(mappings, n++)->iova, iova);
	}
	assert_int_equal(mappings->count, n);
}

static void test_none(void **state)
{
	const struct mappings none = { 0 };

	(void)state;
	assert_int_equal(mappings_index(&none, 0), 0);
	assert_int_equal(mappings_index(&none, UINT64_MAX), 0);
}

static void test_any_order(void **state)
{
	struct mappings mappings = { 0 };
	bool taken[PLACES] = { 0 };

	(void)state;
	srand(1);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t iova = (uint64_t)rand() % PLACES, end = iova + (uint64_t)rand() % 5;

		if (rand() % 2 && !taken[iova]) {
			add(&mappings, iova);
			taken[iova] = true;
		} else {
			mappings_remove(&mappings, mappings_index(&mappings, iova),
					mappings_index(&mappings, end));
			for (; iova < end && iova < PLACES; iova++)
				taken[iova] = false;
		}
		assert_same(&mappings, taken);
	}
	free(mappings.items);
}

/* All of them filled in one direction, and emptied in each. */
static void fill_and_empty(bool upwards, bool first)
{
	struct mappings mappings = { 0 };

	for (uint64_t i = 0; i < PLACES; i++)
		add(&mappings, upwards ? i : PLACES - 1 - i);
	assert_int_equal(mappings.count, PLACES);
	for (uint64_t i = 0; i < PLACES; i++) {
		size_t at = first ? 0 : mappings.count - 1;

		assert_int_equal(mapping_at(&mappings, at)->iova, first ? i : PLACES - 1 - i);
		mappings_remove(&mappings, at, at + 1);
	}
	assert_int_equal(mappings.count, 0);
	free(mappings.items);
}

/* Wherever the gap is. */
static void test_room_for_many(void **state)
{
	(void)state;
	for (size_t at = 0; at <= PLACES / 2; at++) {
		struct mappings mappings = { 0 };
		bool taken[PLACES] = { false };

		for (uint64_t i = 0; i < PLACES; i += 2) {
			add(&mappings, i);
			taken[i] = true;
		}
		if (at < PLACES / 2) {
			mappings_remove(&mappings, at, at + 1);
			taken[2 * at] = false;
		}
		assert_int_equal(mappings_reserve(&mappings, 1000), 0);
		assert_true(mappings.cap - mappings.count >= 1000);
		assert_same(&mappings, taken);
		assert_int_equal(mappings_reserve(&mappings, UINT64_MAX), -ENOMEM);
		assert_int_equal(mappings_reserve(&mappings, SIZE_MAX / sizeof(struct mapping)), -ENOMEM);
		assert_same(&mappings, taken);
		free(mappings.items);
	}
}

static void test_in_order(void **state)
{
	(void)state;
	for (int way = 0; way < 4; way++)
		fill_and_empty(way & 1, way & 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_room_for_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
