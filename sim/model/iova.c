/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iova.h"

#include <errno.h>

#include "access.h"
#include "areas.h"
#include "hwpt.h"

/* --- the kernel's choice ----------------------------------------------------------------------------- */

struct wish {
	uint64_t length;
	uint64_t alignment;
	uint64_t page_offset; /* of the memory: the IOVA has the same */
};

/* Moves start up to where it can begin; false where it does not fit. */
static bool fits(const struct wish *wish, uint64_t *start, uint64_t last)
{
	uint64_t aligned = *start + (wish->alignment - 1);

	if (aligned < *start)
		return false;
	aligned = (aligned & ~(wish->alignment - 1)) | wish->page_offset;
	if (aligned >= last || last - aligned < wish->length - 1)
		return false;
	*start = aligned;
	return true;
}

static uint64_t round_up_to_power(uint64_t length)
{
	return length == 1 ? 1 : 1ull << (64 - __builtin_clzll(length - 1));
}

/* As aligned as the memory is, so that huge pages of it can be huge pages of the IOMMU. */
static uint64_t wished_alignment(bool huge_pages, uint64_t address, uint64_t length)
{
	uint64_t alignment = round_up_to_power(length), most = huge_pages ? HUGE_PAGE : PAGE;

	if (address && alignment > 1ull << __builtin_ctzll(address))
		alignment = 1ull << __builtin_ctzll(address);
	return alignment < most ? alignment : most;
}

/* In a hole between mappings: what of it is not reserved. */
static bool choose_in_hole(const struct ioas *ioas, const struct wish *wish, struct sim_range hole,
			   uint64_t *iova)
{
	struct sim_range free;
	uint64_t from = hole.start;

	while (from <= hole.last && ranges_hole(&ioas->reserved, from, &free) && free.start <= hole.last) {
		if (free.last > hole.last)
			free.last = hole.last;
		if (fits(wish, &free.start, free.last)) {
			*iova = free.start;
			return true;
		}
		if (free.last == UINT64_MAX)
			break;
		from = free.last + 1;
	}
	return false;
}

static bool choose_in_range(const struct ioas *ioas, const struct wish *wish, struct sim_range allowed,
			    uint64_t *iova)
{
	struct sim_range hole;
	uint64_t from;

	if (!fits(wish, &allowed.start, allowed.last))
		return false;
	for (from = allowed.start; tree_hole(&ioas->areas, from, wish->length, &hole); from = hole.last + 1) {
		bool beyond = hole.last >= allowed.last;

		if (hole.start > allowed.last)
			return false;
		if (beyond)
			hole.last = allowed.last;
		if (choose_in_hole(ioas, wish, hole, iova))
			return true;
		if (beyond)
			return false;
	}
	return false;
}

/* Never 0, which is where DMA goes by mistake. */
int iova_choose(const struct ioas *ioas, bool huge_pages, uint64_t address, uint64_t length, uint64_t *iova)
{
	struct sim_range all = { PAGE, UINT64_MAX - PAGE }, allowed;
	struct wish wish = { .length = length, .page_offset = address % PAGE };
	uint64_t from = all.start;

	if (!length || length >= UINT64_MAX / 2)
		return -EOVERFLOW;
	wish.alignment = wished_alignment(huge_pages, address, length);
	if (wish.alignment < ioas->alignment)
		return -EINVAL;
	if (!ioas->allowed.n)
		return choose_in_range(ioas, &wish, all, iova) ? 0 : -ENOSPC;
	while (from <= all.last && ranges_next(&ioas->allowed, from, &allowed) && allowed.start <= all.last) {
		if (allowed.last > all.last)
			allowed.last = all.last;
		from = allowed.last + 1;
		if (choose_in_range(ioas, &wish, allowed, iova))
			return 0;
	}
	return -ENOSPC;
}

/* --- what may be where ------------------------------------------------------------------------------- */

int iova_check(const struct ioas *ioas, uint64_t iova, uint64_t length)
{
	uint64_t last = iova + (length - 1);

	if (iova & (ioas->alignment - 1))
		return -EINVAL;
	if (last < iova)
		return -EOVERFLOW;
	if (ranges_overlap(&ioas->reserved, iova, last))
		return -EINVAL;
	return area_find(ioas, iova, last) ? -EEXIST : 0;
}

int iova_reserve(struct ioas *ioas, uint64_t start, uint64_t last, const void *owner)
{
	if (area_find(ioas, start, last) || ranges_overlap(&ioas->allowed, start, last))
		return -EADDRINUSE;
	return ranges_add(&ioas->reserved, start, last, owner);
}

int iova_check_alignment(const struct ioas *ioas, uint64_t alignment)
{
	const struct area *area;
	uint64_t from = 0;

	for (; (area = area_find(ioas, from, UINT64_MAX)); from = area->node.last + 1) {
		uint64_t length = area->node.last - area->node.start + 1;

		if ((area->node.start | length | area->offset % PAGE) & (alignment - 1))
			return -EADDRINUSE;
		if (area->node.last == UINT64_MAX)
			break;
	}
	return 0;
}

int iova_update_alignment(struct ioas *ioas)
{
	uint64_t alignment = ioas->small_pages ? PAGE : 1;
	const struct access_link *link;
	const struct hwpt *hwpt;
	int rc = 0;

	TAILQ_FOREACH(hwpt, &ioas->hwpts, next)
		if (hwpt_page_size(hwpt) > alignment)
			alignment = hwpt_page_size(hwpt);
	TAILQ_FOREACH(link, &ioas->accesses, next)
		if (link->access->alignment > alignment)
			alignment = link->access->alignment;
	if (alignment > ioas->alignment)
		rc = iova_check_alignment(ioas, alignment);
	if (!rc)
		ioas->alignment = alignment;
	return rc;
}
