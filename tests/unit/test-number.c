/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words to numbers and names: whole words only, and nothing that merely looks like a number. */
#include <stdlib.h>
#include <string.h>

#include "util/number.h"
#include "unit.h"

enum { UNTOUCHED = 0x5aa5 };

struct number_case {
	const char *text;
	uint64_t value;
};

static const struct number_case sizes[] = {
	{ "0", 0 },
	{ "1", 1 },
	{ "4096", 4096 },
	{ "010", 10 }, /* decimal: the octal of C surprises */
	{ "0x0", 0 },
	{ "0x1000", 4096 },
	{ "0X1F", 31 },
	{ "0xABCDEFabcdef", 0xabcdefabcdef },
	{ "1K", 1ull << 10 },
	{ "1M", 1ull << 20 },
	{ "1G", 1ull << 30 },
	{ "1T", 1ull << 40 },
	{ "0K", 0 },
	{ "0x10K", 16384 },
	{ "2047M", 2047ull << 20 },
	{ "18446744073709551615", UINT64_MAX },
	{ "0xffffffffffffffff", UINT64_MAX },
	{ "18014398509481983K", UINT64_MAX - 1023 },
	{ "17592186044415M", UINT64_MAX - 0xfffff },
	{ "17179869183G", UINT64_MAX - 0x3fffffff },
	{ "16777215T", UINT64_MAX - 0xffffffffff },
	{ "0xffffffT", UINT64_MAX - 0xffffffffff },
};

static const char *const no_sizes[] = {
	"", " ", "x", "0x", "0X", "0xK", "0xg", "K", "T", "-", "+",
	"-1", "+1", " 1", "1 ", "1\n", "\t1", "0x-1", "0x+1", "0x 1", "-0", "- 1",
	"12x", "1KK", "1KB", "1KiB", "1k", "1m", "1g", "1t", "1P", "1E", "16E", "1B", "1.5K", "1e3",
	"1_000", "1,000", "0b1", "0o7", "0x0x10", "0x0X10", "00x10", "1K1", "K1", "1 K", "0x1p3",
	"18446744073709551616", "18446744073709551615K", "99999999999999999999999999999999",
	"0x10000000000000000", "18014398509481984K", "17592186044416M", "17179869184G", "16777216T",
	"0x1000000T", "infinity", "nan", "\xef\xbc\x91", "\xb2",
};

static void test_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		uint64_t value = UNTOUCHED;

		assert_case(parse_size(sizes[i].text, &value), sizes[i].text);
		assert_case(value == sizes[i].value, sizes[i].text);
	}
}

static void test_no_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(no_sizes); i++) {
		uint64_t value = UNTOUCHED;

		assert_case(!parse_size(no_sizes[i], &value), no_sizes[i]);
		assert_case(value == UNTOUCHED, no_sizes[i]);
	}
}

static void test_ids(void **state)
{
	static const struct number_case ids[] = {
		{ "0", 0 },
		{ "1", 1 },
		{ "007", 7 },
		{ "0x10", 16 },
		{ "4294967295", UINT32_MAX },
		{ "0xffffffff", UINT32_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++) {
		uint32_t value = UNTOUCHED;

		assert_case(parse_u32(ids[i].text, &value), ids[i].text);
		assert_case(value == ids[i].value, ids[i].text);
	}
}

static void test_no_ids(void **state)
{
	static const char *const bad[] = {
		"", "4294967296", "0x100000000", "18446744073709551616", "1K", "-1", "+1", " 1",
		"1 ", "0x", "0x0x1", "a", "1a", "1.0", "-4294967295", "18446744069414584321",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint32_t value = UNTOUCHED;

		assert_case(!parse_u32(bad[i], &value), bad[i]);
		assert_case(value == UNTOUCHED, bad[i]);
	}
}

static void test_fds(void **state)
{
	static const struct number_case fds[] = {
		{ "fd:3", 3 },
		{ "fd:10", 10 },
		{ "fd:1023", 1023 },
		{ "fd:2147483647", INT32_MAX },
	};
	/* 0, 1 and 2 are the standard streams: text printed there would go to the device. */
	static const char *const bad[] = {
		"fd:0", "fd:1", "fd:2", "fd:", "fd", "3", "", "fd:x", "fd:-1", "fd:+3", "fd: 3", "fd:3 ",
		" fd:3", "FD:3", "Fd:3", "fd3", "fd=3", "fd::3", "fd:3K", "fd:3,4", "fd:2147483648",
		"fd:4294967299", "fd:18446744073709551619", "fd:0x0x3", "fd:00", "fd:02",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(fds); i++) {
		int fd = -1;

		assert_case(parse_fd(fds[i].text, &fd), fds[i].text);
		assert_case((uint64_t)fd == fds[i].value, fds[i].text);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		int fd = UNTOUCHED;

		assert_case(!parse_fd(bad[i], &fd), bad[i]);
		assert_case(fd == UNTOUCHED, bad[i]);
	}
}

static void test_names(void **state)
{
	static const char *const good[] = {
		"a", "Z", "_", "__", "guest", "guest0", "a.b-c_d", "A9", "_1", "a-", "a.", "x86.vm-0_",
		"iommufd", /* taken by check_new_name(), yet a name */
	};
	static const char *const bad[] = {
		"", "0", "1a", "-a", ".a", "a b", " a", "a ", "a/b", "a:b", "fd:3", "a\n", "a=b", "a,b",
		"\xc3\xa4", "a\xc3\xa4", "a\x7f", "a\x1b", "a*", "a'", "0000:00:04.0",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_case(is_name(good[i]), good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_case(!is_name(bad[i]), bad[i]);
}

static void test_name_length(void **state)
{
	char name[80];

	(void)state;
	for (size_t len = 1; len < sizeof(name) - 1; len++) {
		memset(name, 'n', len);
		name[len] = '\0';
		assert_int_equal(is_name(name), len <= 63);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_no_sizes),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_no_ids),
		cmocka_unit_test(test_fds),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_name_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
