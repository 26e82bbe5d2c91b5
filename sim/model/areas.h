/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mappings of an IOAS. What takes an IOAS here is called with the lock iova, but for areas_unmap(), which
 * takes it and lets go of it while it tells devices to unpin.
 */
#ifndef IOMMUFD_SIM_AREAS_H
#define IOMMUFD_SIM_AREAS_H

#include "ioas.h"
#include "pages.h"

struct area {
	struct node node; /* its IOVAs */
	struct pages *pages;
	uint64_t offset;    /* in the pages, in bytes */
	uint32_t pins;	    /* of accesses */
	uint8_t prot;	    /* UAPI_IOAS_MAP_READABLE, _WRITEABLE */
	bool no_access;	    /* it is being unmapped */
};

/* Part of some pages, to be mapped. */
struct slice {
	struct pages *pages; /* a reference */
	struct area *area;
	uint64_t offset, length;
};

struct slices {
	struct slice *list;
	size_t n;
};

/* Which page of its pages an IOVA is. */
static inline uint64_t area_page(const struct area *area, uint64_t iova)
{
	return (area->offset + (iova - area->node.start)) / PAGE;
}

struct area *area_find(const struct ioas *ioas, uint64_t start, uint64_t last);

/* What is mapped from iova on, without a hole; -ENOENT, -EINVAL, -EOVERFLOW, -ENOMEM. */
int slices_collect(struct slices *slices, const struct ioas *ioas, uint64_t iova, uint64_t length);
void slices_free(struct slices *slices);
/* Maps them, one behind the other. Not fixed: *iova is chosen. Its slices are gone afterwards. */
int areas_map(struct ioas *ioas, struct slices *slices, uint64_t length, uint64_t *iova, uint8_t prot,
	      bool fixed);
/* Whole areas from start to last. */
int areas_unmap(struct ioas *ioas, uint64_t start, uint64_t last, uint64_t *bytes);

/* All of them are pinned, as their first page table has come: 0 or -errno, and none is. */
int areas_fill(struct ioas *ioas);
/* The last one has gone. */
void areas_unfill(struct ioas *ioas);
/* Has it a page table, and so all of its pages pinned? */
bool areas_are_filled(const struct ioas *ioas);

/* Bytes by their IOVA: of mappings that have one of these flags, else -EPERM. */
int areas_copy(const struct ioas *ioas, uint64_t iova, void *bytes, size_t len, bool write, uint8_t flags);

#endif
