/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "areas.h"

#include <errno.h>
#include <stdlib.h>

#include "access.h"
#include "dirty.h"
#include "hwpt.h"
#include "iova.h"

static struct area *area_of(struct node *node)
{
	return (struct area *)node; /* its first member */
}

struct area *area_find(const struct ioas *ioas, uint64_t start, uint64_t last)
{
	return area_of(tree_find(&ioas->areas, start, last));
}

/* --- slices ------------------------------------------------------------------------------------------ */

static int slices_add(struct slices *slices, struct pages *pages, uint64_t offset, uint64_t length)
{
	struct slice *list = realloc(slices->list, (slices->n + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	slices->list = list;
	list[slices->n++] = (struct slice){ pages_get(pages), NULL, offset, length };
	return 0;
}

int slices_collect(struct slices *slices, const struct ioas *ioas, uint64_t iova, uint64_t length)
{
	uint64_t last = iova + (length - 1), here;
	int rc;

	if (!length)
		return -EINVAL;
	if (last < iova)
		return -EOVERFLOW;
	for (;; iova = here + 1) {
		const struct area *area = area_find(ioas, iova, iova);

		if (!area)
			return -ENOENT;
		here = area->node.last < last ? area->node.last : last;
		rc = slices_add(slices, area->pages, area->offset + (iova - area->node.start),
				here - iova + 1);
		if (rc || here == last)
			return rc;
	}
}

void slices_free(struct slices *slices)
{
	for (size_t i = 0; i < slices->n; i++) {
		pages_put(slices->list[i].pages);
		free(slices->list[i].area);
	}
	free(slices->list);
	*slices = (struct slices){ 0 };
}

/* --- mapping ----------------------------------------------------------------------------------------- */

bool areas_are_filled(const struct ioas *ioas)
{
	return !TAILQ_EMPTY(&ioas->hwpts);
}

/* For page tables. An entry that lets nothing through is none. */
static int area_pin(struct area *area)
{
	if (!area->prot)
		return -EINVAL;
	return pages_pin(area->pages, area_page(area, area->node.start), area_page(area, area->node.last));
}

static void area_unpin(struct area *area)
{
	pages_unpin(area->pages, area_page(area, area->node.start), area_page(area, area->node.last));
}

/* What one slice becomes, before it is in the tree. */
static int prepare(const struct ioas *ioas, struct slice *slice, uint64_t iova, uint8_t prot)
{
	struct area *area = slice->area;

	if (prot & UAPI_IOAS_MAP_WRITEABLE && !slice->pages->writable)
		return -EPERM;
	if (slice->offset % PAGE & (ioas->alignment - 1))
		return -EINVAL;
	if (iova + (slice->length - 1) < iova)
		return -EOVERFLOW;
	*area = (struct area){ .node = { .start = iova, .last = iova + (slice->length - 1) },
			       .pages = slice->pages, .offset = slice->offset, .prot = prot };
	return 0;
}

static int place(const struct ioas *ioas, struct slices *slices, uint64_t length, uint64_t *iova, bool fixed)
{
	const struct slice *first = &slices->list[0];
	const struct pages *pages = first->pages;

	if (!length || length & (ioas->alignment - 1))
		return -EINVAL;
	if (fixed)
		return iova_check(ioas, *iova, length);
	return iova_choose(ioas, ioas->object.context->sim->huge_pages, pages->base + first->offset, length,
			   iova);
}

static int allocate(struct slices *slices)
{
	for (size_t i = 0; i < slices->n; i++) {
		slices->list[i].area = malloc(sizeof(struct area));
		if (!slices->list[i].area)
			return -ENOMEM;
	}
	return 0;
}

static int pin_all(struct slices *slices)
{
	int rc;

	for (size_t i = 0; i < slices->n; i++) {
		rc = area_pin(slices->list[i].area);
		if (!rc)
			continue;
		while (i--)
			area_unpin(slices->list[i].area);
		return rc;
	}
	return 0;
}

/* All or none of them. */
int areas_map(struct ioas *ioas, struct slices *slices, uint64_t length, uint64_t *iova, uint8_t prot,
	      bool fixed)
{
	int rc = allocate(slices);
	uint64_t at;

	if (!rc)
		rc = place(ioas, slices, length, iova, fixed);
	at = *iova;
	for (size_t i = 0; !rc && i < slices->n; at += slices->list[i++].length)
		rc = prepare(ioas, &slices->list[i], at, prot);
	if (!rc && areas_are_filled(ioas))
		rc = pin_all(slices);
	for (size_t i = 0; !rc && i < slices->n; i++)
		tree_insert(&ioas->areas, &slices->list[i].area->node);
	if (!rc)
		slices->n = 0; /* what they had has gone over */
	slices_free(slices);
	return rc;
}

/* --- unmapping --------------------------------------------------------------------------------------- */

static void area_free(struct ioas *ioas, struct area *area)
{
	struct hwpt *hwpt;

	tree_remove(&ioas->areas, &area->node);
	TAILQ_FOREACH(hwpt, &ioas->hwpts, next)
		dirty_forget(hwpt, area->node.start, area->node.last);
	if (areas_are_filled(ioas))
		area_unpin(area);
	pages_put(area->pages);
	free(area);
}

/* How often devices are asked to unpin before the kernel gives up. */
enum { TRIES = 100 };

/*
 * Who has pinned some of an area is told first, without the lock that he needs to unpin it. Meanwhile others
 * may have unmapped it, or mapped something where it was unmapped already: the search begins anew, and goes
 * upwards only.
 */
int areas_unmap(struct ioas *ioas, uint64_t start, uint64_t last, uint64_t *bytes)
{
	pthread_mutex_t *iova = &ioas->object.context->sim->iova;
	struct area *area;
	int tries = 0, rc = 0;

	*bytes = 0;
	lock(iova);
	while ((area = area_find(ioas, start, last))) {
		uint64_t area_start = area->node.start, area_last = area->node.last;

		if (area_start < start || area_last > last) {
			rc = -ENOENT;
			break;
		}
		if (area_start != start)
			tries = 0;
		if (area->pins) {
			start = area_start;
			area->no_access = true;
			unlock(iova);
			access_notify_unmap(ioas, area_start, area_last - area_start + 1);
			if (++tries > TRIES)
				return -EDEADLOCK;
			lock(iova);
			continue;
		}
		area_free(ioas, area);
		*bytes += area_last - area_start + 1;
		if (area_last >= last)
			break;
		start = area_last + 1;
	}
	unlock(iova);
	return rc;
}

/* --- page tables ------------------------------------------------------------------------------------- */

/* Those that lie below an IOVA. */
static void unpin_below(struct ioas *ioas, uint64_t end)
{
	struct area *area;

	for (uint64_t at = 0; end && (area = area_find(ioas, at, end - 1)); at = area->node.last + 1) {
		area_unpin(area);
		if (area->node.last >= end - 1)
			break;
	}
}

int areas_fill(struct ioas *ioas)
{
	struct area *area;
	int rc;

	for (uint64_t at = 0; (area = area_find(ioas, at, UINT64_MAX)); at = area->node.last + 1) {
		rc = area_pin(area);
		if (rc) {
			unpin_below(ioas, area->node.start);
			return rc;
		}
		if (area->node.last == UINT64_MAX)
			break;
	}
	return 0;
}

void areas_unfill(struct ioas *ioas)
{
	unpin_below(ioas, UINT64_MAX);
}

/* --- access ------------------------------------------------------------------------------------------ */

int areas_copy(const struct ioas *ioas, uint64_t iova, void *bytes, size_t len, bool write, uint8_t flags)
{
	unsigned char *at = bytes;
	uint64_t here;
	int rc;

	for (; len; len -= here, iova += here, at += here) {
		const struct area *area = area_find(ioas, iova, iova);

		if (!area)
			return -ENOENT;
		if (area->no_access)
			return -EINVAL;
		if (!(area->prot & flags))
			return -EPERM;
		here = area->node.last - iova + 1;
		here = here && here < len ? here : len;
		rc = pages_copy(area->pages, area->offset + (iova - area->node.start), at, here, write);
		if (rc)
			return rc;
	}
	return 0;
}
