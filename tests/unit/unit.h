/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every unit test includes: cmocka, with the headers that it needs before itself. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* cmocka's macro fail() must come after the function of that name: tests include the project first. */
#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* In a table of cases: say which one it was. */
#define assert_case(condition, name) \
	do { \
		if (!(condition)) \
			fail_msg("case '%s': %s", name, #condition); \
	} while (0)

/* Is each of len bytes value? What nobody has written to is. */
static inline bool is_filled_with(const void *bytes, size_t len, unsigned char value)
{
	for (size_t i = 0; i < len; i++)
		if (((const unsigned char *)bytes)[i] != value)
			return false;
	return true;
}

/* The same numbers for the same seed, which is not 0. */
static inline uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Is text exactly one JSON value (RFC 8259) and a newline? */
bool is_json_line(const char *text);

#endif
