/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which pages devices have written: read from a bitmap in chunks, which take the same memory for any length,
 * and printed as ranges.
 */
#ifndef CLI_VERBS_DIRTY_READER_H
#define CLI_VERBS_DIRTY_READER_H

#include "engine/command.h"

/* Who notes it: a HWPT, or a device itself. */
struct dirty_source {
	/* A bit of bitmap for each page of length bytes from iova on. 0, or -errno. */
	int (*read)(const struct call *call, const struct dirty_source *source, uint64_t iova,
		    uint64_t length, uint64_t page, uint64_t *bitmap);
	enum iommufd_op op;
	uint32_t hwpt; /* what read asks: this one ... */
	int cdev;      /* ... or this one */
};

/* Arguments first and first + 1 are IOVA and LENGTH, the one before them is who notes it. */
int dirty_read(const struct call *call, const struct dirty_source *source, int first);

#define PAGE_OPTION(help) { "page", OPT_PAGE, { "SIZE", ARG_SIZE }, help }
#define RAW_BITMAP_OPTION { "raw", OPT_RAW, .help = "Print the bitmap as it is" }

#endif
