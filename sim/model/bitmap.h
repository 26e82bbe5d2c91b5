/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bitmap in a caller's memory, a bit for each page of a range of IOVAs. */
#ifndef IOMMUFD_SIM_BITMAP_H
#define IOMMUFD_SIM_BITMAP_H

#include "call.h"

struct bitmap {
	struct sim_caller *caller;
	uint64_t address;
	uint64_t iova;	    /* of its first bit */
	uint64_t page_size; /* of which the lowest bit counts */
};

/* Sets the bits of a range, and no other: 0 or -EFAULT. */
int bitmap_set(const struct bitmap *bitmap, uint64_t start, uint64_t last);

#endif
