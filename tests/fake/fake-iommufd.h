/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in the file that stands for an iommufd. */
#ifndef TESTS_FAKE_IOMMUFD_H
#define TESTS_FAKE_IOMMUFD_H

#include <stdint.h>

#define FAKE_MAGIC 0x75666d6d6f696b66ull

enum { FAKE_IDS = 1 << 17, FAKE_MAPPINGS = 1 << 12 };

struct fake_mapping {
	uint32_t ioas; /* 0: a free entry */
	uint64_t iova, length;
};

struct fake_state {
	uint64_t magic;
	uint32_t kill_in;   /* a process with $FAKE_KILL dies after so many steps; 0: never */
	uint32_t kill_next; /* what comes in its place then */
	uint32_t kills;
	uint8_t ids[FAKE_IDS];
	struct fake_mapping mappings[FAKE_MAPPINGS];
};

#endif
