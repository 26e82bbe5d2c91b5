/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text to numbers and names. Strict: no sign, no blanks, no trailing garbage, no overflow. */
#ifndef CLI_UTIL_NUMBER_H
#define CLI_UTIL_NUMBER_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* All of text, or false; *ret is untouched then. */
bool parse_u32(const char *text, uint32_t *ret);  /* an id */
bool parse_size(const char *text, uint64_t *ret); /* decimal or 0x, with K, M, G or T */
bool parse_fd(const char *text, int *ret);	  /* "fd:N", N of 3 or more; "fd:NAME" */
/* "START-LAST", both addresses, START below LAST */
bool parse_range(const char *text, uint64_t *ret_start, uint64_t *ret_last);
/* "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001": the 16 bytes that it stands for */
bool parse_uuid(const char *text, unsigned char *ret);

enum { NAME_LENGTH = 63 };
/* A name of an object or a session; no number is one. */
bool is_name(const char *text);
static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What the digit is worth, -1: it is none. */
int hex_digit(char c);

#endif
