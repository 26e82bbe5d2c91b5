/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The batch tokenizer: what a shell would make of it, and nothing written beyond its room. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wordexp.h>

#include "unit.h"
#include "util/shellwords.h"

enum { MAX = 8, GUARD = 32, ROUNDS = 200000 };

struct split_case {
	const char *line;
	const char *words; /* joined by '|'; NULL: it does not split */
	enum shellwords_result result;
};

static const struct split_case cases[] = {
	{ "", "", WORDS_OK },
	{ " \t \r\n ", "", WORDS_OK },
	{ "one", "one", WORDS_OK },
	{ "  one\ttwo  three ", "one|two|three", WORDS_OK },
	{ "one two\r", "one|two", WORDS_OK },
	{ "'one two' three", "one two|three", WORDS_OK },
	{ "\"one two\" three", "one two|three", WORDS_OK },
	{ "o'n'e\"tw\"o", "onetwo", WORDS_OK },
	{ "''", "", WORDS_OK },
	{ "'' \"\" x", "||x", WORDS_OK },
	{ "a''b", "ab", WORDS_OK },
	{ "'a\"b' \"c'd\"", "a\"b|c'd", WORDS_OK },
	/* A backslash: before any character outside, before few between "", before none between ''. */
	{ "a\\ b c", "a b|c", WORDS_OK },
	{ "\\'a \\\"b \\\\c \\d", "'a|\"b|\\c|d", WORDS_OK },
	{ "\\# \\#a", "#|#a", WORDS_OK },
	{ "'a\\b' '\\'", "a\\b|\\", WORDS_OK },
	{ "\"\\\" \\\\ \\$ \\` \\n \\'\"", "\" \\ $ ` \\n \\'", WORDS_OK },
	{ "$HOME `id` $(id) *", "$HOME|`id`|$(id)|*", WORDS_OK },
	/* Comments begin where a word could. */
	{ "# all of it 'unclosed", "", WORDS_OK },
	{ "a # b", "a", WORDS_OK },
	{ "a#b c", "a#b|c", WORDS_OK },
	{ "'' # b", "", WORDS_OK },
	{ "'#' \"#\"", "#|#", WORDS_OK },
	{ "a # b \\", "a", WORDS_OK },
	/* Continuation. */
	{ "a \\", NULL, WORDS_MORE },
	{ "a\\", NULL, WORDS_MORE },
	{ "\\", NULL, WORDS_MORE },
	{ "\"a\\", NULL, WORDS_MORE },
	{ "a \\\nb", "a|b", WORDS_OK },
	{ "a\\\nb", "ab", WORDS_OK },
	{ "\\\na", "a", WORDS_OK },
	{ "a \\\n \\\n b", "a|b", WORDS_OK },
	{ "\"a\\\nb\"", "ab", WORDS_OK },
	{ "'a\\\nb'", "a\\\nb", WORDS_OK },
	{ "a \\\n# b", "a", WORDS_OK },
	{ "a \\\n \\", NULL, WORDS_MORE },
	{ "a\\\\", "a\\", WORDS_OK },
	{ "a\\\\\\", NULL, WORDS_MORE },
	/* Quotes that are not closed. */
	{ "'", NULL, WORDS_UNTERMINATED },
	{ "\"", NULL, WORDS_UNTERMINATED },
	{ "a 'b", NULL, WORDS_UNTERMINATED },
	{ "a \"b'", NULL, WORDS_UNTERMINATED },
	{ "'a\\", NULL, WORDS_UNTERMINATED },
	{ "\"a\\\"", NULL, WORDS_UNTERMINATED },
	{ "'a' 'b' '", NULL, WORDS_UNTERMINATED },
	/* MAX is 8. */
	{ "1 2 3 4 5 6 7 8", "1|2|3|4|5|6|7|8", WORDS_OK },
	{ "1 2 3 4 5 6 7 8 # 9", "1|2|3|4|5|6|7|8", WORDS_OK },
	{ "1 2 3 4 5 6 7 8 9", NULL, WORDS_TOO_MANY },
	{ "1 2 3 4 5 6 7 8 ''", NULL, WORDS_TOO_MANY },
	{ "1 2 3 4 5 6 7 8 \\", NULL, WORDS_MORE },
};

/* The room that the function was promised, and a guard behind it. */
struct room {
	char *store;
	char *words[MAX + 2];
	size_t len;
	int count;
};

static enum shellwords_result split(struct room *room, const char *line, size_t len, int max)
{
	room->len = len;
	room->count = -1;
	room->store = malloc(len + 1 + GUARD);
	assert_non_null(room->store);
	memset(room->store, 0xa5, len + 1 + GUARD);
	memset(room->words, 0xa5, sizeof(room->words));
	return shellwords_split(line, len, room->store, room->words, max, &room->count);
}

static bool is_guard_intact(const struct room *room, int max)
{
	for (size_t i = room->len + 1; i < room->len + 1 + GUARD; i++)
		if ((unsigned char)room->store[i] != 0xa5)
			return false;
	for (const char *at = (const char *)&room->words[max + 1]; at < (const char *)(room->words + MAX + 2);
	     at++)
		if ((unsigned char)*at != 0xa5)
			return false;
	return true;
}

static void join(const struct room *room, char *to)
{
	*to = '\0';
	for (int i = 0; i < room->count; i++) {
		strcat(to, i ? "|" : "");
		strcat(to, room->words[i]);
	}
}

static void test_cases(void **state)
{
	char joined[256];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct split_case *c = &cases[i];
		struct room room;

		assert_case(split(&room, c->line, strlen(c->line), MAX) == c->result, c->line);
		assert_case(is_guard_intact(&room, MAX), c->line);
		assert_case((room.count < 0) == (c->result != WORDS_OK), c->line);
		if (c->words) {
			join(&room, joined);
			assert_string_equal(joined, c->words);
			assert_null(room.words[room.count]);
		}
		free(room.store);
	}
}

static void test_empty_words_count(void **state)
{
	struct room room;

	(void)state;
	assert_int_equal(split(&room, "''", 2, MAX), WORDS_OK);
	assert_int_equal(room.count, 1);
	assert_string_equal(room.words[0], "");
	free(room.store);
	assert_int_equal(split(&room, "a \"\" ''", 7, MAX), WORDS_OK);
	assert_int_equal(room.count, 3);
	free(room.store);
}

static void test_nul(void **state)
{
	static const struct { const char *bytes; size_t len; } with[] = {
		{ "", 1 },	 { "a\0b", 3 }, { "'\0'", 3 }, { "a \\\0", 4 },
		{ "# \0", 3 }, { "a\0", 2 },  { "\0\\", 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(with); i++) {
		struct room room;

		assert_int_equal(split(&room, with[i].bytes, with[i].len, MAX), WORDS_NUL);
		assert_int_equal(room.count, -1);
		free(room.store);
	}
}

static void test_no_room_for_words(void **state)
{
	struct room room;

	(void)state;
	assert_int_equal(split(&room, " # nothing", 10, 0), WORDS_OK);
	assert_int_equal(room.count, 0);
	assert_null(room.words[0]);
	free(room.store);
	assert_int_equal(split(&room, "x", 1, 0), WORDS_TOO_MANY);
	assert_true(is_guard_intact(&room, 0));
	free(room.store);
}

/* Deterministic, so that a failure comes again. */
/* Up to size - 1 characters, and what may follow a line. */
static size_t random_line(uint32_t *seed, const char *alphabet, size_t n, char *line, size_t size)
{
	size_t len = next_random(seed) % size;

	for (size_t i = 0; i < len; i++)
		line[i] = alphabet[next_random(seed) % n];
	line[len] = "\n"[next_random(seed) % 2];
	return len;
}

static void check_words(const struct room *room, int max)
{
	const char *at = room->store;

	assert_in_range(room->count, 0, max);
	assert_null(room->words[room->count]);
	/* One behind the other, each ended, none beyond the room. */
	for (int i = 0; i < room->count; i++) {
		assert_ptr_equal(room->words[i], at);
		at += strnlen(at, room->len + 1) + 1;
		assert_true(at <= room->store + room->len + 1);
	}
}

/* Words put between quotes must come back as they are. */
static void check_round_trip(const struct room *room)
{
	char line[1024], *to = line;
	struct room again;

	for (int i = 0; i < room->count; i++) {
		*to++ = '\'';
		for (const char *at = room->words[i]; *at; at++)
			to += sprintf(to, *at == '\'' ? "'\\''" : "%c", *at);
		to += sprintf(to, "' ");
	}
	assert_int_equal(split(&again, line, (size_t)(to - line), MAX), WORDS_OK);
	assert_int_equal(again.count, room->count);
	for (int i = 0; i < room->count; i++)
		assert_string_equal(again.words[i], room->words[i]);
	free(again.store);
}

static void test_random_bytes(void **state)
{
	static const char alphabet[] = "  \t\r\n\\\\\\\"\"''##ab$`\x80";
	uint32_t seed = 1;
	int seen[5] = { 0 };

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		char line[65];
		/* With the terminating NUL of the alphabet, but seldom: every such line ends the same way. */
		size_t n = sizeof(alphabet) - (round % 16 != 0);
		size_t len = random_line(&seed, alphabet, n, line, sizeof(line));
		int max = (int)(next_random(&seed) % (MAX + 1));
		struct room room;
		enum shellwords_result rc = split(&room, line, len, max);

		assert_in_range(rc, WORDS_OK, WORDS_TOO_MANY);
		seen[rc]++;
		assert_true(is_guard_intact(&room, max));
		assert_int_equal(rc == WORDS_NUL, memchr(line, '\0', len) != NULL);
		assert_true(rc != WORDS_MORE || line[len - 1] == '\\');
		assert_int_equal(rc == WORDS_OK, room.count >= 0);
		if (rc == WORDS_OK) {
			check_words(&room, max);
			check_round_trip(&room);
		}
		free(room.store);
	}
	for (size_t i = 0; i < COUNT(seen); i++)
		assert_true(seen[i] > ROUNDS / 200); /* each outcome was really tried */
}

/* What both must agree on. glibc makes a word of its own of the empty quote in front of ''a. */
static bool is_comparable(const char *line, enum shellwords_result rc)
{
	return (rc == WORDS_OK || rc == WORDS_UNTERMINATED) && !strstr(line, "''") && !strstr(line, "\"\"");
}

/* The C library splits like a shell as well. It knows no comments, and expands $ and `. */
static void test_like_a_shell(void **state)
{
	static const char alphabet[] = "  \tabc-\"\"''\\\\";
	uint32_t seed = 2;

	(void)state;
	for (int round = 0; round < ROUNDS / 4; round++) {
		char line[24];
		size_t len = random_line(&seed, alphabet, sizeof(alphabet) - 1, line, sizeof(line));
		struct room room;
		enum shellwords_result rc = split(&room, line, len, MAX);
		wordexp_t expected;

		line[len] = '\0';
		if (is_comparable(line, rc)) {
			int got = wordexp(line, &expected, WRDE_NOCMD);

			assert_case((got == 0) == (rc == WORDS_OK), line);
			if (got == 0) {
				assert_case((size_t)room.count == expected.we_wordc, line);
				for (int i = 0; i < room.count; i++)
					assert_string_equal(room.words[i], expected.we_wordv[i]);
				wordfree(&expected);
			}
		}
		free(room.store);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_empty_words_count),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_no_room_for_words),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_like_a_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
