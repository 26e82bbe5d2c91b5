/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "context/mapping.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool lies_at(const struct mappings *mappings, size_t i, uint64_t iova)
{
	return (i == 0 || mapping_at(mappings, i - 1)->iova < iova) &&
	       (i == mappings->count || mapping_at(mappings, i)->iova >= iova);
}

size_t mappings_index(const struct mappings *mappings, uint64_t iova)
{
	size_t low = 0, high = mappings->count;

	if (lies_at(mappings, mappings->gap, iova))
		return mappings->gap;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (mapping_at(mappings, middle)->iova < iova)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void move_gap(struct mappings *mappings, size_t to)
{
	struct mapping *items = mappings->items;
	size_t from = mappings->gap, room = mappings->cap - mappings->count;

	if (to < from)
		memmove(&items[to + room], &items[to], (from - to) * sizeof(*items));
	else if (to > from)
		memmove(&items[from], &items[from + room], (to - from) * sizeof(*items));
	mappings->gap = to;
}

int mappings_reserve(struct mappings *mappings, uint64_t n)
{
	size_t cap = mappings->cap ? mappings->cap * 2 : 8;
	struct mapping *grown;

	if (n <= mappings->cap - mappings->count)
		return 0;
	if (n > SIZE_MAX / sizeof(*grown) - mappings->count)
		return -ENOMEM;
	if (cap < mappings->count + n)
		cap = mappings->count + (size_t)n;
	move_gap(mappings, mappings->count); /* it is at the end, where the room comes */
	grown = reallocarray(mappings->items, cap, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	mappings->items = grown;
	mappings->cap = cap;
	return 0;
}

void mappings_insert(struct mappings *mappings, const struct mapping *mapping)
{
	move_gap(mappings, mappings_index(mappings, mapping->iova));
	mappings->items[mappings->gap++] = *mapping;
	mappings->count++;
}

void mappings_remove(struct mappings *mappings, size_t first, size_t last)
{
	if (mappings->gap < first)
		move_gap(mappings, first);
	else if (mappings->gap > last)
		move_gap(mappings, last);
	/* Those before the gap and those after it fall into it. */
	mappings->gap = first;
	mappings->count -= last - first;
}
