/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topology/reader.h"
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 0)))
static int fail_at(struct reader *reader, const char *format, va_list ap)
{
	vsnprintf(reader->error->text, sizeof(reader->error->text), format, ap);
	reader->error->line = locate_line(reader->text, reader->path, reader->depth);
	return -1;
}

int reader_fail(struct reader *reader, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fail_at(reader, format, ap);
	va_end(ap);
	return -1;
}

int reader_fail_key(struct reader *reader, const char *key, const char *format, ...)
{
	va_list ap;

	reader_enter(reader, key, 0);
	va_start(ap, format);
	fail_at(reader, format, ap);
	va_end(ap);
	reader_leave(reader);
	return -1;
}

void reader_enter(struct reader *reader, const char *key, size_t index)
{
	reader->path[reader->depth++] = (struct locate_step){ key, index };
}

void reader_leave(struct reader *reader)
{
	reader->depth--;
}

static bool is_known(const char *key, const char *const *keys)
{
	while (*keys && strcmp(*keys, key) != 0)
		keys++;
	return *keys;
}

int reader_object(struct reader *reader, const json_t *value, const char *const *keys)
{
	const char *key;
	json_t *ignored;

	if (!json_is_object(value))
		return reader_fail(reader, "not an object: {...} is expected");
	json_object_foreach((json_t *)value, key, ignored)
		if (!is_known(key, keys))
			return reader_fail_key(reader, key, "'%.40s' is no key here", key);
	return 0;
}

int reader_list(struct reader *reader, const json_t *object, const char *key, size_t most, json_t **ret)
{
	*ret = json_object_get(object, key);
	if (*ret && !json_is_array(*ret))
		return reader_fail_key(reader, key, "'%s' is no list: [...] is expected", key);
	if (*ret && json_array_size(*ret) > most)
		return reader_fail_key(reader, key, "'%s' has more than %zu entries", key, most);
	return 0;
}

int reader_text(struct reader *reader, const json_t *object, const char *key, char *buf, size_t len)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	if (!value)
		return 0;
	if (!text || !*text)
		return reader_fail_key(reader, key, "'%s' is no text", key);
	if (strlen(text) >= len)
		return reader_fail_key(reader, key, "'%s' is longer than %zu characters", key, len - 1);
	for (const char *at = text; *at; at++)
		if (!isgraph((unsigned char)*at) || *at == '/')
			return reader_fail_key(reader, key, "'%s' has a character that no name has", key);
	strcpy(buf, text);
	return 0;
}

int reader_bool(struct reader *reader, const json_t *object, const char *key, bool *ret)
{
	const json_t *value = json_object_get(object, key);

	if (value && !json_is_boolean(value))
		return reader_fail_key(reader, key, "'%s' is neither true nor false", key);
	*ret = value ? json_is_true(value) : *ret;
	return 0;
}

/* Behind a number: K, M, G, or nothing. */
static bool parse_number(const char *text, uint64_t *ret)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*ret = strtoull(text, &end, text[0] == '0' && (text[1] | 32) == 'x' ? 16 : 10);
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		unsigned int shift = 10 * (unsigned int)(unit - units + 1);

		if (*ret > UINT64_MAX >> shift)
			return false;
		*ret <<= shift;
		end++;
	}
	return errno == 0 && !*end;
}

int reader_u64(struct reader *reader, const json_t *object, const char *key, uint64_t max, uint64_t *ret)
{
	const json_t *value = json_object_get(object, key);
	uint64_t number = 0;

	if (!value)
		return 0;
	if (json_is_integer(value) && json_integer_value(value) >= 0)
		number = (uint64_t)json_integer_value(value);
	else if (!json_is_string(value) || !parse_number(json_string_value(value), &number))
		return reader_fail_key(reader, key, "'%s' is no number, such as 4096 or \"0x1000\" or \"4K\"", key);
	if (number > max)
		return reader_fail_key(reader, key, "'%s' is above %#llx", key, (unsigned long long)max);
	*ret = number;
	return 0;
}

int reader_u32(struct reader *reader, const json_t *object, const char *key, uint32_t *ret)
{
	uint64_t number = *ret;
	int rc = reader_u64(reader, object, key, UINT32_MAX, &number);

	*ret = (uint32_t)number;
	return rc;
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

int reader_bytes(struct reader *reader, const json_t *object, const char *key, uint8_t *buf, size_t len,
		 uint32_t *n)
{
	const json_t *value = json_object_get(object, key);
	const char *at = json_string_value(value);

	*n = 0;
	if (!value)
		return 0;
	for (at = at ?: "?"; *at; at += *at == ' ' ? 1 : 2) {
		if (*at == ' ')
			continue;
		if (digit(at[0]) < 0 || digit(at[1]) < 0)
			return reader_fail_key(reader, key, "'%s' are no bytes in hexadecimal, such as \"0100 ff\"", key);
		if (*n == len)
			return reader_fail_key(reader, key, "'%s' has more than %zu bytes", key, len);
		buf[(*n)++] = (uint8_t)(digit(at[0]) << 4 | digit(at[1]));
	}
	return 0;
}

int reader_pair(struct reader *reader, const json_t *object, const char *key, struct sim_range *ret)
{
	json_t *list, *named;
	int rc;

	if (reader_list(reader, object, key, 2, &list) < 0)
		return -1;
	if (!list)
		return 0;
	named = json_pack("{sO* sO*}", "start", json_array_get(list, 0), "last", json_array_get(list, 1));
	rc = !named || json_object_size(named) != 2 ||
	     reader_u64(reader, named, "start", UINT64_MAX, &ret->start) < 0 ||
	     reader_u64(reader, named, "last", UINT64_MAX, &ret->last) < 0 || ret->last <= ret->start;
	json_decref(named);
	return rc ? reader_fail_key(reader, key, "'%s' is not [START, LAST]", key) : 0;
}
