/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that one call mapped. Copies of the mapping share it, and so do the IOMMU and accesses that pin it:
 * a page is pinned, and charged, once.
 */
#ifndef IOMMUFD_SIM_PAGES_H
#define IOMMUFD_SIM_PAGES_H

#include "account.h"

struct run;

struct pages {
	struct sim_backing *backing; /* NULL: a file that cannot be pinned */
	uint64_t base;		     /* in the backing: of a page */
	uint64_t n;		     /* pages */
	struct payer payer;
	unsigned int refs;
	unsigned int whole; /* pins of all of it */
	SLIST_HEAD(, run) runs; /* of parts of it, in order */
	bool writable;
	bool is_file;
	bool is_seen; /* while all pages of a context are looked at */
};

/*
 * Of length bytes at offset, which pages_check() found right: 0 or -ENOMEM. Takes over the references of the
 * backing and the payer, also where it fails.
 */
int pages_new(struct sim_backing *backing, uint64_t offset, uint64_t length, bool writable,
	      const struct payer *payer, struct pages **pages);
/* -EINVAL, -EOVERFLOW */
int pages_check(const struct version *version, uint64_t offset, uint64_t length);
struct pages *pages_get(struct pages *pages);
void pages_put(struct pages *pages);
/* From page first to page last, both included: 0 or -errno. */
int pages_pin(struct pages *pages, uint64_t first, uint64_t last);
void pages_unpin(struct pages *pages, uint64_t first, uint64_t last);
/* How many are pinned. */
uint64_t pages_pinned(const struct pages *pages);
/* Bytes at an offset from the first page: 0 or -errno. */
int pages_copy(struct pages *pages, uint64_t offset, void *bytes, size_t len, bool write);

#endif
