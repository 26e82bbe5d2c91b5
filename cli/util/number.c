/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words to numbers and names. Strict: no sign, no blanks, no trailing garbage, no overflow. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

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
	if (!end || *end || value < 3 || value > INT_MAX)
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

int need_size(const struct call *call, const char *what, const char *text, uint64_t *ret)
{
	if (parse_size(text, ret))
		return EXIT_DONE;
	return msg_usage(call->output,
			 "%s: '%s' is no number of bytes (decimal or 0x hex, with K, M, G or T)", what, text);
}

int need_u32(const struct call *call, const char *what, const char *text, uint32_t *ret)
{
	uint64_t value;

	if (!parse_size(text, &value) || value > UINT32_MAX)
		return msg_usage(call->output, "%s: '%s' is no number up to 4294967295", what, text);
	*ret = (uint32_t)value;
	return EXIT_DONE;
}

int need_choice(const struct call *call, const char *what, const char *text, const struct choice *choices,
		size_t n, uint32_t *ret)
{
	struct buffer words = { .fd = -1 };
	int rc = EXIT_USAGE;

	for (size_t i = 0; i < n; i++)
		if (strcmp(choices[i].word, text) == 0) {
			*ret = choices[i].value;
			return EXIT_DONE;
		}
	if (is_digit(*text))
		return need_u32(call, what, text, ret);
	for (size_t i = 0; i < n; i++)
		buf_format(&words, "%s%s", i ? ", " : "", choices[i].word);
	buf_char(&words, '\0');
	if (!words.error)
		rc = msg_usage(call->output, "%s: '%s' is none of %s", what, text, words.buf);
	free(words.buf);
	return rc;
}

const char *choice_word(const struct choice *choices, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++)
		if (choices[i].value == value)
			return choices[i].word;
	return NULL;
}

int need_range(const struct call *call, const char *word, struct iommufd_range *ret)
{
	const char *dash = strchr(word, '-');
	char start[32];
	size_t len = dash ? (size_t)(dash - word) : sizeof(start);

	if (len < sizeof(start)) {
		memcpy(start, word, len);
		start[len] = '\0';
		if (parse_size(start, &ret->start) && parse_size(dash + 1, &ret->last) &&
		    ret->start < ret->last)
			return EXIT_DONE;
	}
	return msg_usage(call->output, "'%s' is no range: expected START-LAST, as 0x100000-0x1fffff", word);
}
