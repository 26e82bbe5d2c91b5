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
	/*
	 * A bit of bitmap for each page of length bytes from iova on. 0, -errno, or an exit code that was
	 * told.
	 */
	int (*read)(const struct call *call, const struct dirty_source *source, uint64_t iova,
		    uint64_t length, uint64_t page, uint64_t *bitmap);
	enum iommufd_op op;
	uint32_t hwpt; /* what read asks: this one ... */
	int cdev;      /* ... or this one, */
	/* ... or, from a session's client, the holder. Ended by NULL; word about is who notes it. */
	const char *const *words;
	int about;
};

/* Arguments first and first + 1 are IOVA and LENGTH, the one before them is who notes it. */
int dirty_read(const struct call *call, const struct dirty_source *source, int first);
/*
 * The same in a session's client. words, ended by NULL, begin a command that reads one chunk: the holder
 * serves others between two of them. Word about is who notes it, argument 0 of the call if that is a device.
 */
int dirty_read_in_client(const struct call *call, const char *const *words, int about, int first);

#define PAGE_OPTION(help) { "page", OPT_PAGE, { "SIZE", ARG_SIZE }, help }
#define RAW_BITMAP_OPTION { "raw", OPT_RAW, .help = "Print the bitmap as it is" }

#endif
