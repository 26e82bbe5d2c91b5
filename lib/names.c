/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The forms of names and numbers, without a look at the system. */
#include "internal.h"

#include <string.h>

/* Not <ctype.h>: names in sysfs are ASCII, whatever the locale. */
#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

int32_t parse_decimal(const char *text)
{
	int32_t value = 0;

	if (!*text)
		return -1;
	for (; *text; text++) {
		int digit = *text - '0';

		if (digit < 0 || digit > 9 || value > (INT32_MAX - digit) / 10)
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
		if (*form == 'x' ? !strchr(DIGITS "abcdef", lower(*text)) : *text != *form)
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
	const size_t longest = 63, len = strlen(name);

	return len <= longest && strspn(name, LETTERS "_") && strspn(name, LETTERS DIGITS "_.-") == len;
}
