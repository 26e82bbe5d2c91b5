/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is mapped in an IOAS, in the order of iova: an array with a gap where it was last changed. Scripts map
 * and unmap one chunk after the other, and so the gap seldom moves far.
 */
#ifndef CLI_CONTEXT_MAPPING_H
#define CLI_CONTEXT_MAPPING_H

#include <stddef.h>
#include <stdint.h>

struct memory;

/* What became of a mapping: bits, in the journal as well. */
enum {
	MAPPING_REVOKED = 1, /* nothing lies there any more: the device whose BAR it was took it back */
	MAPPING_CHARGED = 2, /* what is pinned counts against this process's limit */
	MAPPING_ORPHANED = 4, /* the same, but that was a process that has ended */
};

struct mapping {
	uint64_t iova, length, offset;
	struct memory *memory;
	unsigned int flags; /* IOMMUFD_MAP_* */
	unsigned int state; /* MAPPING_* */
};

struct mappings {
	struct mapping *items;
	size_t count, cap;
	size_t gap; /* so many lie before it, the others at the array's end */
};

static inline const struct mapping *mapping_at(const struct mappings *mappings, size_t i)
{
	return &mappings->items[i < mappings->gap ? i : i + mappings->cap - mappings->count];
}

/* Its last address: one behind it there may be none. */
static inline uint64_t mapping_last(const struct mapping *mapping)
{
	return mapping->iova + (mapping->length - 1);
}

static inline struct mapping *mapping_to_change(struct mappings *mappings, size_t i)
{
	return (struct mapping *)mapping_at(mappings, i);
}

/* The first one that does not lie below iova. */
size_t mappings_index(const struct mappings *mappings, uint64_t iova);

/* Room for n more: 0, or -ENOMEM. */
int mappings_reserve(struct mappings *mappings, uint64_t n);

/* Into room that was reserved. */
void mappings_insert(struct mappings *mappings, const struct mapping *mapping);

/* From the first one to before the last one. */
void mappings_remove(struct mappings *mappings, size_t first, size_t last);

#endif
