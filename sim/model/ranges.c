/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int ranges_add(struct ranges *ranges, uint64_t start, uint64_t last, const void *owner)
{
	struct owned_range *list = realloc(ranges->list, (ranges->n + 1) * sizeof(*list));
	size_t at = 0;

	if (!list)
		return -ENOMEM;
	while (at < ranges->n && list[at].range.start <= start)
		at++;
	memmove(list + at + 1, list + at, (ranges->n - at) * sizeof(*list));
	list[at] = (struct owned_range){ { start, last }, owner };
	ranges->list = list;
	ranges->n++;
	return 0;
}

void ranges_remove(struct ranges *ranges, const void *owner)
{
	size_t kept = 0;

	for (size_t i = 0; i < ranges->n; i++)
		if (ranges->list[i].owner != owner)
			ranges->list[kept++] = ranges->list[i];
	ranges->n = kept;
}

void ranges_clear(struct ranges *ranges)
{
	free(ranges->list);
	*ranges = (struct ranges){ 0 };
}

bool ranges_overlap(const struct ranges *ranges, uint64_t start, uint64_t last)
{
	for (size_t i = 0; i < ranges->n; i++)
		if (ranges->list[i].range.start <= last && start <= ranges->list[i].range.last)
			return true;
	return false;
}

bool ranges_next(const struct ranges *ranges, uint64_t from, struct sim_range *covered)
{
	bool found = false;

	for (size_t i = 0; i < ranges->n; i++) {
		struct sim_range here = ranges->list[i].range;

		if (here.last < from)
			continue;
		if (!found)
			*covered = (struct sim_range){ here.start > from ? here.start : from, here.last };
		else if (covered->last < UINT64_MAX && here.start > covered->last + 1)
			break;
		else if (here.last > covered->last)
			covered->last = here.last;
		found = true;
	}
	return found;
}

bool ranges_hole(const struct ranges *ranges, uint64_t from, struct sim_range *hole)
{
	struct sim_range covered = { 0 };

	*hole = (struct sim_range){ from, UINT64_MAX };
	if (!ranges_next(ranges, from, &covered))
		return true;
	if (covered.start > from) {
		hole->last = covered.start - 1;
		return true;
	}
	if (covered.last == UINT64_MAX)
		return false;
	return ranges_hole(ranges, covered.last + 1, hole);
}
