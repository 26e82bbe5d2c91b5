/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A few ranges of IOVAs, each with an owner: what is reserved, what is allowed. They may overlap. */
#ifndef IOMMUFD_SIM_RANGES_H
#define IOMMUFD_SIM_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

struct owned_range {
	struct sim_range range;
	const void *owner;
};

struct ranges {
	struct owned_range *list; /* by their starts */
	size_t n;
};

/* 0 or -ENOMEM */
int ranges_add(struct ranges *ranges, uint64_t start, uint64_t last, const void *owner);
void ranges_remove(struct ranges *ranges, const void *owner);
void ranges_clear(struct ranges *ranges);
bool ranges_overlap(const struct ranges *ranges, uint64_t start, uint64_t last);
/* What the next ones at or after from cover without a hole, cut off there. False: none. */
bool ranges_next(const struct ranges *ranges, uint64_t from, struct sim_range *covered);
/* The next hole at or after from, cut off there. False: none. */
bool ranges_hole(const struct ranges *ranges, uint64_t from, struct sim_range *hole);

#endif
