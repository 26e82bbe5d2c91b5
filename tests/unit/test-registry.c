/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registry: found by id and by name, in any number, through growing and removing. */
#include <stdlib.h>
#include <string.h>

#include "context/close.h"
#include "context/ioas.h"
#include "unit.h"

enum { MANY = 500 };

static struct object objects[MANY];

static const char *name_of(unsigned int i)
{
	static char name[16];

	snprintf(name, sizeof(name), "object%u", i);
	return name;
}

/* Ids with gaps, as destroyed objects leave them. */
static uint32_t id_of(unsigned int i)
{
	return 3 * i + 1;
}

static int setup(void **state)
{
	static struct context ctx;

	context_init(&ctx, CONTEXT_LASTING);
	memset(objects, 0, sizeof(objects));
	*state = &ctx;
	return 0;
}

/* The objects of these tests are no real ones: they are taken out before the context frees what is in it. */
static int teardown(void **state)
{
	struct context *ctx = *state;

	for (unsigned int i = 0; i < MANY; i++)
		object_remove(ctx, &objects[i]);
	context_free(ctx);
	return 0;
}

static void add(struct context *ctx, unsigned int i)
{
	objects[i].type = OBJECT_MEMORY; /* nothing hangs on it */
	objects[i].id = id_of(i);
	assert_int_equal(object_add(ctx, &objects[i], name_of(i)), 0);
}

static void test_empty(void **state)
{
	struct context *ctx = *state;

	assert_null(object_by_id(ctx, 0));
	assert_null(object_by_id(ctx, 1));
	assert_null(object_by_id(ctx, UINT32_MAX));
	assert_null(object_by_name(ctx, "x"));
	assert_null(object_by_name(ctx, ""));
	assert_null(ioas_by_id(ctx, 1));
}

static void test_many(void **state)
{
	struct context *ctx = *state;

	for (unsigned int n = 0; n < MANY; n++) {
		add(ctx, n);
		if (n % 37 && n + 1 < MANY)
			continue;
		for (unsigned int i = 0; i <= n; i++) {
			assert_ptr_equal(object_by_name(ctx, name_of(i)), &objects[i]);
			assert_ptr_equal(object_by_id(ctx, id_of(i)), &objects[i]);
			assert_null(object_by_id(ctx, id_of(i) + 1));
		}
		assert_null(object_by_name(ctx, name_of(n + 1)));
	}
}

static void test_remove(void **state)
{
	struct context *ctx = *state;

	for (unsigned int i = 0; i < MANY; i++)
		add(ctx, i);
	for (unsigned int i = 0; i < MANY; i += 2)
		object_remove(ctx, &objects[i]);
	for (unsigned int i = 0; i < MANY; i++) {
		struct object *expected = i % 2 ? &objects[i] : NULL;

		assert_ptr_equal(object_by_name(ctx, name_of(i)), expected);
		assert_ptr_equal(object_by_id(ctx, id_of(i)), expected);
	}
	for (unsigned int i = 0; i < MANY; i += 2)
		add(ctx, i);
	for (unsigned int i = 0; i < MANY; i++)
		assert_ptr_equal(object_by_name(ctx, name_of(i)), &objects[i]);
}

/* An id is re-used by the kernel as soon as it is free: its old owner must not take it along. */
static void test_reused_id(void **state)
{
	struct context *ctx = *state;

	add(ctx, 0);
	objects[1] = (struct object){ .type = OBJECT_MEMORY, .id = id_of(0) };
	assert_int_equal(object_add(ctx, &objects[1], "newer"), 0);
	object_remove(ctx, &objects[0]);
	assert_ptr_equal(object_by_id(ctx, id_of(0)), &objects[1]);
	assert_null(object_by_name(ctx, name_of(0)));
}

static void test_name_comes_later(void **state)
{
	struct context *ctx = *state;

	objects[0].type = OBJECT_MEMORY;
	assert_int_equal(object_add(ctx, &objects[0], "early"), 0); /* no id yet: a device before bind */
	assert_ptr_equal(object_by_name(ctx, "early"), &objects[0]);
	assert_null(object_by_id(ctx, 0));
	objects[0].id = 9;
	assert_int_equal(object_add(ctx, &objects[0], NULL), 0);
	assert_ptr_equal(object_by_id(ctx, 9), &objects[0]);
	assert_string_equal(objects[0].name, "early");
	objects[1] = (struct object){ .type = OBJECT_MEMORY, .id = 10 };
	assert_int_equal(object_add(ctx, &objects[1], NULL), 0);
	assert_int_equal(object_add(ctx, &objects[1], "late"), 0);
	assert_ptr_equal(object_by_name(ctx, "late"), &objects[1]);
}

static void test_lists(void **state)
{
	struct object_list list = { 0 };

	(void)state;
	for (unsigned int i = 0; i < MANY; i++)
		assert_int_equal(object_list_add(&list, &objects[i]), 0);
	object_list_remove(&list, &objects[0]);
	object_list_remove(&list, &objects[MANY - 1]);
	object_list_remove(&list, &objects[7]);
	object_list_remove(&list, &objects[7]); /* not there: nothing happens */
	assert_int_equal(list.count, MANY - 3);
	assert_ptr_equal(list.items[0], &objects[1]);
	assert_ptr_equal(list.items[6], &objects[8]);
	assert_ptr_equal(list.items[MANY - 4], &objects[MANY - 2]);
	free(list.items);
}

static void test_type_names(void **state)
{
	(void)state;
	assert_string_equal(object_type_name(OBJECT_DEVICE), "a device");
	assert_string_equal(object_type_name(OBJECT_IOAS), "an IOAS");
	assert_string_equal(object_type_name(OBJECT_MEMORY), "a memory");
	assert_string_equal(object_type_name(OBJECT_HW_QUEUE), "a hardware queue");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_empty),
		TEST(test_many),
		TEST(test_remove),
		TEST(test_reused_id),
		TEST(test_name_comes_later),
		TEST(test_lists),
		TEST(test_type_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
