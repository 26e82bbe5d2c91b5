/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The forms of names and numbers, without a look at the system. */
#include "internal.h"

#include <string.h>

/* Not <ctype.h>: names in sysfs are ASCII, whatever the locale. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool is_hex(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

int32_t parse_decimal(const char *text)
{
	int32_t value = 0;

	if (!*text)
		return -1;
	for (; *text; text++) {
		int digit = *text - '0';

		if (!is_digit(*text) || value > (INT32_MAX - digit) / 10)
			return -1;
		value = value * 10 + digit;
	}
	return value;
}

bool match_form(const char *text, const char *form, char *buf)
{
	if (strlen(text) != strlen(form))
		return false;
	for (; *form; form++, text++, buf++) {
		if (*form == 'x' ? !is_hex(*text) : *text != *form)
			return false;
		*buf = lower(*text);
	}
	*buf = '\0';
	return true;
}

bool is_cdev_name(const char *name)
{
	if (strncmp(name, "noiommu-", 8) == 0)
		name += 8;
	return strncmp(name, "vfio", 4) == 0 && parse_decimal(name + 4) >= 0;
}

API int iommufd_session_name_is_valid(const char *name)
{
	const size_t longest = 63;
	size_t len = 1;

	if (!is_letter(*name) && *name != '_')
		return 0;
	while (is_letter(name[len]) || is_digit(name[len]) || (name[len] && strchr("_.-", name[len])))
		len++;
	return !name[len] && len <= longest;
}
