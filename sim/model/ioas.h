/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IO address space: IOVAs, which are mapped, reserved or allowed, and what goes by them. */
#ifndef IOMMUFD_SIM_IOAS_H
#define IOMMUFD_SIM_IOAS_H

#include "call.h"
#include "ranges.h"
#include "tree.h"

struct access_link;
struct hwpt;

struct ioas {
	struct object object;
	struct tree areas; /* struct area: what is mapped */
	struct ranges reserved;
	struct ranges allowed; /* none: all that is not reserved */
	uint64_t alignment;    /* of what is mapped */
	bool small_pages;      /* the option HUGE_PAGES is off */
	TAILQ_HEAD(, hwpt) hwpts; /* those made of it, each of which has all of its mappings */
	TAILQ_HEAD(, access_link) accesses;
};

int ioas_alloc_ioctl(struct call *call);
int ioas_allow_ioctl(struct call *call);
int ioas_ranges_ioctl(struct call *call);
int ioas_map_ioctl(struct call *call);
int ioas_map_file_ioctl(struct call *call);
int ioas_copy_ioctl(struct call *call);
int ioas_unmap_ioctl(struct call *call);
/* The caller's own memory; flags as of IOAS_MAP. */
int ioas_map_memory(const struct call *call, struct ioas *ioas, uint64_t address, uint64_t length,
		    uint64_t *iova, uint32_t flags);
/* *bytes: how many were, also where it failed. */
int ioas_unmap(struct ioas *ioas, uint64_t iova, uint64_t length, uint64_t *bytes);

#endif
