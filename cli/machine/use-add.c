/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/use-add.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One that is there already is not added again: a disk has several ways to it. */
static bool is_there(const struct machine_uses *uses, const char *what)
{
	for (size_t i = 0; i < uses->count; i++)
		if (strcmp(uses->items[i].what, what) == 0)
			return true;
	return false;
}

__attribute__((format(printf, 4, 0)))
static void add_one(struct machine_uses *uses, bool unknown, const char *fact, const char *format, va_list ap)
{
	struct machine_use use = { .unknown = unknown };

	vsnprintf(use.what, sizeof(use.what), format, ap);
	snprintf(use.fact, sizeof(use.fact), "%s", fact);
	if (is_there(uses, use.what))
		return;
	if (uses->count < MACHINE_USES)
		uses->items[uses->count++] = use;
	else
		uses->more = true;
}

void use_add(struct machine_uses *uses, const char *fact, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_one(uses, false, fact, format, ap);
	va_end(ap);
}

void use_add_unknown(struct machine_uses *uses, const char *fact, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_one(uses, true, fact, format, ap);
	va_end(ap);
}
