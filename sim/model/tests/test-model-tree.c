/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree against a list of numbers that are taken. */
#include "tree.h"

#include <string.h>

#include "ranges.h"
#include "unit.h"

enum { NUMBERS = 512, NODES = 128, ROUNDS = 20000 };

struct naive {
	struct node nodes[NODES];
	bool used[NODES];
	bool taken[NUMBERS];
};

static struct node *naive_find(struct naive *naive, uint64_t start, uint64_t last)
{
	struct node *first = NULL;

	for (int i = 0; i < NODES; i++) {
		struct node *node = &naive->nodes[i];

		if (naive->used[i] && node->start <= last && start <= node->last &&
		    (!first || node->start < first->start))
			first = node;
	}
	return first;
}

/* Among the numbers; behind them all is free. */
static bool naive_hole(const struct naive *naive, uint64_t from, uint64_t length, struct sim_range *hole)
{
	for (uint64_t at = from; at < NUMBERS; at++) {
		uint64_t end = at;

		while (end < NUMBERS && !naive->taken[end])
			end++;
		if (end < NUMBERS && end - at >= length) {
			*hole = (struct sim_range){ at, end - 1 };
			return true;
		}
		if (end == NUMBERS) {
			*hole = (struct sim_range){ at, UINT64_MAX };
			return true;
		}
		at = end;
	}
	*hole = (struct sim_range){ from > NUMBERS ? from : NUMBERS, UINT64_MAX };
	return true;
}

static void put(struct tree *tree, struct naive *naive, int i, uint64_t start, uint64_t length)
{
	for (uint64_t at = start; at < start + length; at++)
		if (at >= NUMBERS || naive->taken[at])
			return;
	naive->nodes[i] = (struct node){ .start = start, .last = start + length - 1 };
	memset(naive->taken + start, true, length);
	naive->used[i] = true;
	tree_insert(tree, &naive->nodes[i]);
}

static void take(struct tree *tree, struct naive *naive, int i)
{
	struct node *node = &naive->nodes[i];

	tree_remove(tree, node);
	memset(naive->taken + node->start, false, node->last - node->start + 1);
	naive->used[i] = false;
}

static void test_random(void **state)
{
	static struct naive naive;
	struct tree tree = { 0 };
	uint32_t seed = 4711;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = next_random(&seed) % NUMBERS, length = 1 + next_random(&seed) % 6;
		int i = (int)(next_random(&seed) % NODES);
		struct sim_range hole, expected;

		if (naive.used[i])
			take(&tree, &naive, i);
		else
			put(&tree, &naive, i, start, length);
		assert_ptr_equal(tree_find(&tree, start, start + length - 1),
				 naive_find(&naive, start, start + length - 1));
		assert_true(naive_hole(&naive, start, length, &expected));
		assert_true(tree_hole(&tree, start, length, &hole));
		assert_int_equal(hole.start, expected.start);
		assert_int_equal(hole.last, expected.last);
	}
}

/* At the ends of the numbers there are. */
static void test_ends(void **state)
{
	struct node low = { .start = 0, .last = 9 }, high = { .start = UINT64_MAX - 9, .last = UINT64_MAX };
	struct tree tree = { 0 };
	struct sim_range hole;

	(void)state;
	assert_true(tree_hole(&tree, 5, 1, &hole));
	assert_int_equal(hole.start, 5);
	tree_insert(&tree, &low);
	tree_insert(&tree, &high);
	assert_true(tree_hole(&tree, 0, 1, &hole));
	assert_int_equal(hole.start, 10);
	assert_int_equal(hole.last, UINT64_MAX - 10);
	assert_false(tree_hole(&tree, UINT64_MAX - 9, 1, &hole));
	assert_ptr_equal(tree_find(&tree, UINT64_MAX, UINT64_MAX), &high);
	assert_null(tree_find(&tree, 10, UINT64_MAX - 10));
}

static void test_ranges(void **state)
{
	struct ranges ranges = { 0 };
	struct sim_range range;
	int owner;

	(void)state;
	assert_true(ranges_hole(&ranges, 3, &range));
	assert_int_equal(range.start, 3);
	assert_false(ranges_next(&ranges, 0, &range));
	assert_int_equal(ranges_add(&ranges, 20, 29, &owner), 0);
	assert_int_equal(ranges_add(&ranges, 10, 19, NULL), 0);
	assert_int_equal(ranges_add(&ranges, 15, 22, NULL), 0);
	assert_int_equal(ranges_add(&ranges, 100, UINT64_MAX, NULL), 0);
	assert_true(ranges_next(&ranges, 0, &range)); /* side by side: one */
	assert_int_equal(range.start, 10);
	assert_int_equal(range.last, 29);
	assert_true(ranges_hole(&ranges, 12, &range));
	assert_int_equal(range.start, 30);
	assert_int_equal(range.last, 99);
	assert_false(ranges_hole(&ranges, 100, &range));
	ranges_remove(&ranges, &owner);
	assert_true(ranges_hole(&ranges, 12, &range));
	assert_int_equal(range.start, 23);
	assert_true(ranges_overlap(&ranges, 22, 23));
	assert_false(ranges_overlap(&ranges, 23, 99));
	ranges_clear(&ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random), cmocka_unit_test(test_ends), cmocka_unit_test(test_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
