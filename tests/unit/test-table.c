/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results: the same columns as text and as JSON, the same shape for 0, 1 and n rows. */
#include <stdlib.h>
#include <string.h>

#include "output/table.h"
#include "unit.h"

static const struct column columns[] = {
	{ "id", "ID", COLUMN_NUMBER },
	{ "name", "NAME", COLUMN_TEXT },
	{ "iova", "IOVA", COLUMN_HEX },
	{ "last", "LAST", COLUMN_TEXT },
};

struct rows {
	size_t count;
	struct value values[4][COUNT(columns)];
};

#define NUMBER(n) { NULL, n, false }
#define TEXT(t) { t, 0, false }
#define NONE { NULL, 0, true }

static const struct rows none = { 0, { { NONE } } };
static const struct rows one = { 1, { { NUMBER(1), TEXT("x"), NUMBER(4096), TEXT("end") } } };
static const struct rows many = { 4, {
	{ NUMBER(1), TEXT("guest"), NUMBER(0), TEXT("a") },
	{ NUMBER(4294967295), NONE, NONE, NONE },
	{ NONE, TEXT("\x1b[1m\"\xc3\xa4"), NUMBER(UINT64_MAX), TEXT("") },
	{ NUMBER(20), TEXT(""), NUMBER(0x1000), TEXT("a longer one than its heading") },
} };

static bool next_row(const void *arg, size_t *cursor, struct value *row)
{
	const struct rows *rows = arg;

	if (*cursor == rows->count)
		return false;
	memcpy(row, rows->values[(*cursor)++], sizeof(rows->values[0]));
	return true;
}

#define TABLE(key, rows, always) { key, columns, COUNT(columns), next_row, rows, always, 0 }

/* What print_tables() writes; to be freed. */
static char *print(const struct table *tables, size_t n, bool json)
{
	struct buffer out = { .fd = -1 };
	struct output output = { .out = &out, .json = json };

	assert_int_equal(print_tables(&output, tables, n), EXIT_DONE);
	buf_char(&out, '\0');
	return out.buf;
}

static void assert_printed(const struct table *tables, size_t n, bool json, const char *expected)
{
	char *text = print(tables, n, json);

	assert_string_equal(text, expected);
	assert_true(!json || is_json_line(text));
	free(text);
}

static void test_no_rows(void **state)
{
	const struct table always = TABLE("things", &none, true), seldom = TABLE("things", &none, false);

	(void)state;
	assert_printed(&always, 1, false, "ID  NAME  IOVA  LAST\n");
	assert_printed(&seldom, 1, false, "");
	assert_printed(&always, 1, true, "{\"version\":1,\"things\":[]}\n");
	assert_printed(&seldom, 1, true, "{\"version\":1,\"things\":[]}\n");
}

static void test_one_row(void **state)
{
	const struct table table = TABLE("things", &one, false);

	(void)state;
	assert_printed(&table, 1, false,
		       "ID  NAME  IOVA    LAST\n"
		       "1   x     0x1000  end\n");
	assert_printed(&table, 1, true,
		       "{\"version\":1,\"things\":["
		       "{\"id\":1,\"name\":\"x\",\"iova\":4096,\"last\":\"end\"}]}\n");
}

static void test_many_rows(void **state)
{
	const struct table table = TABLE("things", &many, false);

	(void)state;
	assert_printed(&table, 1, false,
		       "ID          NAME       IOVA                LAST\n"
		       "1           guest      0x0                 a\n"
		       "4294967295  -          -                   -\n"
		       "-           \\x1b[1m\"\xc3\xa4  0xffffffffffffffff  \n"
		       "20                     0x1000              a longer one than its heading\n");
	assert_printed(&table, 1, true,
		       "{\"version\":1,\"things\":["
		       "{\"id\":1,\"name\":\"guest\",\"iova\":0,\"last\":\"a\"},"
		       "{\"id\":4294967295,\"name\":null,\"iova\":null,\"last\":null},"
		       "{\"id\":null,\"name\":\"\\u001b[1m\\\"\xc3\xa4\","
		       "\"iova\":18446744073709551615,\"last\":\"\"},"
		       "{\"id\":20,\"name\":\"\",\"iova\":4096,"
		       "\"last\":\"a longer one than its heading\"}]}\n");
}

/* The columns, counted in characters, begin where the heading's do. */
static void test_alignment(void **state)
{
	const struct table table = TABLE("things", &many, false);
	char *text = print(&table, 1, false), *line = strtok(text, "\n");
	size_t column = (size_t)(strstr(line, "IOVA") - line);

	(void)state;
	while ((line = strtok(NULL, "\n"))) {
		size_t at = 0;

		for (size_t seen = 0; seen < column; at++)
			seen += ((unsigned char)line[at] & 0xc0) != 0x80;
		while (((unsigned char)line[at] & 0xc0) == 0x80)
			at++;
		assert_true(line[at] == '0' || line[at] == '-');
		assert_int_equal(line[at - 1], ' ');
	}
	free(text);
}

static void test_several_tables(void **state)
{
	const struct table tables[] = {
		TABLE("empty", &none, false), TABLE("a", &one, false), TABLE("none", &none, false),
		TABLE("b", &one, false),
	};

	(void)state;
	/* A blank line between two, none before, none behind, none for one that is not there. */
	assert_printed(tables, COUNT(tables), false,
		       "ID  NAME  IOVA    LAST\n1   x     0x1000  end\n"
		       "\n"
		       "ID  NAME  IOVA    LAST\n1   x     0x1000  end\n");
	assert_printed(tables, COUNT(tables), true,
		       "{\"version\":1,\"empty\":[],"
		       "\"a\":[{\"id\":1,\"name\":\"x\",\"iova\":4096,\"last\":\"end\"}],\"none\":[],"
		       "\"b\":[{\"id\":1,\"name\":\"x\",\"iova\":4096,\"last\":\"end\"}]}\n");
	assert_printed(tables, 0, true, "{\"version\":1}\n");
	assert_printed(tables, 0, false, "");
}

/* What a list is made of, what it is when there is nothing of it, and when that is not known. */
static bool next_list(const void *arg, size_t *cursor, struct value *row)
{
	static const char *const uses[] = { "mounted /a, b", "\x1b\"", NULL }, *const nothing[] = { NULL };
	static const char *const *const lists[] = { uses, nothing, NULL };

	(void)arg;
	if (*cursor == COUNT(lists))
		return false;
	row[0] = (struct value){ .names = lists[*cursor] };
	row[1] = (struct value)NUMBER(*cursor);
	row[2] = (struct value){ .names = lists[(*cursor)++] };
	row[3] = (struct value)TEXT("only in JSON");
	return true;
}

static void test_lists_and_places(void **state)
{
	static const struct column some[] = {
		{ "use", "USE", COLUMN_LIST }, { "hidden", "", COLUMN_NUMBER, IN_JSON },
		{ "last", "LAST", COLUMN_LIST }, { "more", "", COLUMN_TEXT, IN_JSON },
	};
	struct table tables[] = {
		{ "things", ROWS(some, next_list, NULL) }, { "others", ROWS(some, next_list, NULL), .place = IN_JSON },
	};

	(void)state;
	assert_printed(tables, 2, false,
		       "USE                   LAST\n"
		       "mounted /a, b, \\x1b\"  mounted /a, b, \\x1b\"\n"
		       "none                  none\n"
		       "-                     -\n");
	tables[1].place = IN_BOTH;
	assert_printed(&tables[1], 1, true,
		       "{\"version\":1,\"others\":["
		       "{\"use\":[\"mounted /a, b\",\"\\u001b\\\"\"],\"hidden\":0,"
		       "\"last\":[\"mounted /a, b\",\"\\u001b\\\"\"],\"more\":\"only in JSON\"},"
		       "{\"use\":[],\"hidden\":1,\"last\":[],\"more\":\"only in JSON\"},"
		       "{\"use\":null,\"hidden\":2,\"last\":null,\"more\":\"only in JSON\"}]}\n");
}

/* More than a cell has room for is left out of the text, and not out of JSON. */
static bool next_long(const void *arg, size_t *cursor, struct value *row)
{
	row[0].names = arg;
	return !(*cursor)++;
}

static void test_long_list(void **state)
{
	static const struct column one_list[] = { { "use", "USE", COLUMN_LIST } };
	const char *names[65] = { NULL };
	const struct table table = { "x", ROWS(one_list, next_long, names) };
	char *text;

	(void)state;
	for (int i = 0; i < 64; i++)
		names[i] = "0123456789abcdef0123456789abcdef0123456789abcdef";
	text = print(&table, 1, false);
	assert_true(strlen(text) > 900 && strlen(text) < 1100);
	free(text);
	text = print(&table, 1, true);
	assert_true(is_json_line(text) && strlen(text) > 64 * 48);
	free(text);
}

static void test_values(void **state)
{
	static const struct { size_t column; struct value value; const char *text, *json; } cases[] = {
		{ 0, NUMBER(7), "7\n", "{\"version\":1,\"id\":7}\n" },
		{ 0, NUMBER(0), "0\n", "{\"version\":1,\"id\":0}\n" },
		{ 0, NONE, "-\n", "{\"version\":1,\"id\":null}\n" },
		{ 1, TEXT("a\tb"), "a\\x09b\n", "{\"version\":1,\"name\":\"a\\u0009b\"}\n" },
		{ 1, NONE, "-\n", "{\"version\":1,\"name\":null}\n" },
		{ 2, NUMBER(4096), "0x1000\n", "{\"version\":1,\"iova\":4096}\n" },
		{ 2, NUMBER(UINT64_MAX), "0xffffffffffffffff\n",
		  "{\"version\":1,\"iova\":18446744073709551615}\n" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(cases); i++) {
		struct buffer out = { .fd = -1 };
		struct output output = { .out = &out, .json = i % 2 };

		const struct column *column = &columns[cases[i / 2].column];

		assert_int_equal(print_value(&output, column->key, column->type, cases[i / 2].value),
				 EXIT_DONE);
		buf_char(&out, '\0');
		assert_string_equal(out.buf, i % 2 ? cases[i / 2].json : cases[i / 2].text);
		free(out.buf);
	}
}

static void test_nothing(void **state)
{
	struct buffer out = { .fd = -1 };
	struct output output = { .out = &out };

	(void)state;
	assert_int_equal(print_nothing(&output), EXIT_DONE);
	assert_int_equal(out.len, 0);
	output.json = true;
	assert_int_equal(print_nothing(&output), EXIT_DONE);
	buf_char(&out, '\0');
	assert_string_equal(out.buf, "{\"version\":1}\n");
	free(out.buf);
}

/* Bold is for terminals: what a file or a pipe gets holds no escapes, whatever TERM says. */
static void test_no_escapes_in_memory(void **state)
{
	const struct table table = TABLE("things", &one, true);
	char *text;

	(void)state;
	setenv("TERM", "xterm", 1);
	text = print(&table, 1, false);
	assert_null(strchr(text, '\x1b'));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_rows),
		cmocka_unit_test(test_one_row),
		cmocka_unit_test(test_many_rows),
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_several_tables),
		cmocka_unit_test(test_lists_and_places),
		cmocka_unit_test(test_long_list),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_no_escapes_in_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
