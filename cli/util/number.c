/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/number.h"
#include <limits.h>
#include <string.h>

#include "util/named-fd.h"

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The number at text and where it ends, or NULL. strtoull() takes blanks, signs and octal as well. */
static const char *number(const char *text, uint64_t *ret)
{
	unsigned int base = text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10;
	const char *begin = base == 16 ? text + 2 : text, *end = begin;
	uint64_t value = 0;

	for (int digit; (digit = hex_digit(*end)) >= 0 && digit < (int)base; end++)
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, (unsigned int)digit, &value))
			return NULL;
	*ret = value;
	return end > begin ? end : NULL;
}

bool parse_u32(const char *text, uint32_t *ret)
{
	uint64_t value;
	const char *end = number(text, &value);

	if (!end || *end || value > UINT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

/* Of 1024 once, twice...; 0: it is no unit. */
static unsigned int shift_of(const char *unit)
{
	static const char units[] = "KMGT";
	const char *found = strchr(units, *unit);

	return found && !unit[1] ? 10 * (unsigned int)(found - units + 1) : 0;
}

bool parse_size(const char *text, uint64_t *ret)
{
	uint64_t value;
	const char *end = number(text, &value);
	unsigned int shift = 0;

	if (!end)
		return false;
	if (*end && (!(shift = shift_of(end)) || value > UINT64_MAX >> shift))
		return false;
	*ret = value << shift;
	return true;
}

bool parse_fd(const char *text, int *ret)
{
	uint64_t value;
	const char *end;

	if (strncmp(text, "fd:", 3) != 0)
		return false;
	end = number(text + 3, &value);
	if (!end)
		return named_fd(text + 3, ret);
	if (*end || value < 3 || value > INT_MAX)
		return false;
	*ret = (int)value;
	return true;
}

bool is_name(const char *text)
{
	size_t len = 0;

	if (!is_letter(*text) && *text != '_')
		return false;
	while (is_letter(text[len]) || is_digit(text[len]) || (text[len] && strchr("_.-", text[len])))
		len++;
	return len <= NAME_LENGTH && !text[len];
}

bool parse_range(const char *text, uint64_t *ret_start, uint64_t *ret_last)
{
	const char *dash = strchr(text, '-');
	uint64_t from, to;
	char start[32];
	size_t len = dash ? (size_t)(dash - text) : sizeof(start);

	if (len >= sizeof(start))
		return false;
	memcpy(start, text, len);
	start[len] = '\0';
	if (!parse_size(start, &from) || !parse_size(dash + 1, &to))
		return false;
	*ret_start = from;
	*ret_last = to;
	return true;
}

bool parse_uuid(const char *text, unsigned char *ret)
{
	static const char shape[] = "........-....-....-....-............";
	size_t digits = 0;

	for (size_t at = 0; shape[at]; at++) {
		int value = hex_digit(text[at]);

		if (shape[at] == '-' ? text[at] != '-' : value < 0)
			return false;
		if (value < 0)
			continue;
		ret[digits / 2] = (unsigned char)(digits % 2 ? ret[digits / 2] | value : value << 4);
		digits++;
	}
	return !text[36];
}
