/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk.h"

#include <errno.h>

#include "areas.h"

enum {
	LEVELS = 4,
	LEVEL_BITS = 9,
	PAGE_BITS = 12,
	PRESENT = 1 << 0,
	WRITABLE = 1 << 1,
	LARGE = 1 << 7, /* on the levels of 1 GiB and 2 MiB */
};

#define ADDRESS 0x000ffffffffff000ull

/*
 * The first stage of VT-d has the format of a processor's tables, of which each entry is an address of the
 * guest. SMMUv3's begin at a context descriptor that its driver knows: a device below one reaches nothing
 * here.
 */
int walk_first_stage(const struct hwpt *hwpt, uint64_t address, bool write, uint64_t *iova)
{
	uint64_t table = hwpt->table & ADDRESS, entry, below;

	if (hwpt->viommu)
		return -EFAULT;
	for (int level = LEVELS - 1; level >= 0; level--) {
		int shift = PAGE_BITS + LEVEL_BITS * level;
		uint64_t at = table + (address >> shift & ((1 << LEVEL_BITS) - 1)) * sizeof(entry);

		if (areas_copy(hwpt->parent->ioas, at, &entry, sizeof(entry), false,
			       UAPI_IOAS_MAP_READABLE) ||
		    !(entry & PRESENT) || (write && !(entry & WRITABLE)))
			return -EFAULT;
		below = (1ull << shift) - 1;
		if (level == 0 || (level < LEVELS - 1 && entry & LARGE)) {
			*iova = (entry & ADDRESS & ~below) | (address & below);
			return 0;
		}
		table = entry & ADDRESS;
	}
	return -EFAULT;
}
