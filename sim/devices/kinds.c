/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/kinds.h"
#include <string.h>

static const struct device_kind *const kinds[] = { &device_edu, &device_mtty, &device_mdpy, &device_plain,
						   &device_testdev };

const struct device_kind *device_kind_at(size_t at)
{
	return at < sizeof(kinds) / sizeof(*kinds) ? kinds[at] : NULL;
}

const struct device_kind *device_kind_find(const char *name)
{
	const struct device_kind *kind;

	for (size_t i = 0; (kind = device_kind_at(i)); i++)
		if (strcmp(kind->name, name) == 0)
			return kind;
	return NULL;
}
