/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cut.h"

#include <errno.h>
#include <stdlib.h>

#include "areas.h"

static int check_cut(const struct ioas *ioas, const struct area *area, uint64_t start)
{
	uint64_t byte = area->offset + (start - area->node.start);

	if (area->no_access)
		return -EBUSY;
	if ((start | byte) & (ioas->alignment - 1))
		return -EINVAL;
	/* What is pinned is not known by its parts; what may have become a huge page cannot be split. */
	return area->pins || (areas_are_filled(ioas) && !ioas->small_pages) ? -EINVAL : 0;
}

static int pin_parts(struct pages *pages, uint64_t first, uint64_t middle, uint64_t last)
{
	int rc = pages_pin(pages, first, middle - 1);

	if (rc)
		return rc;
	rc = pages_pin(pages, middle, last);
	if (rc)
		pages_unpin(pages, first, middle - 1);
	else
		pages_unpin(pages, first, last);
	return rc;
}

static int cut(struct ioas *ioas, struct area *area, uint64_t start)
{
	struct area *rest = malloc(sizeof(*rest));
	int rc = 0;

	if (!rest)
		return -ENOMEM;
	if (areas_are_filled(ioas))
		rc = pin_parts(area->pages, area_page(area, area->node.start), area_page(area, start),
			       area_page(area, area->node.last));
	if (rc) {
		free(rest);
		return rc;
	}
	*rest = (struct area){ .node = { .start = start, .last = area->node.last },
			       .pages = pages_get(area->pages),
			       .offset = area->offset + (start - area->node.start), .prot = area->prot };
	tree_remove(&ioas->areas, &area->node);
	area->node.last = start - 1;
	tree_insert(&ioas->areas, &area->node);
	tree_insert(&ioas->areas, &rest->node);
	return 0;
}

int areas_cut(struct ioas *ioas, uint64_t iova)
{
	struct area *area = area_find(ioas, iova, iova);
	int rc;

	if (!area || iova == area->node.start || iova == area->node.last)
		return 0;
	rc = check_cut(ioas, area, iova + 1);
	return rc ? rc : cut(ioas, area, iova + 1);
}
