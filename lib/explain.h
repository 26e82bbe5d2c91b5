/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of explanations, in one part for each group of ops. Never installed. */
#ifndef LIBIOMMUFD_EXPLAIN_H
#define LIBIOMMUFD_EXPLAIN_H

#include "internal.h"

#define ANY IOMMUFD_KIND_UNKNOWN
#define PHYS IOMMUFD_PHYSICAL
#define EMUL IOMMUFD_EMULATED
#define OP(name) IOMMUFD_OP_##name
#define ANY_OP UINT8_MAX

/* How a row is known: on which Linux its tests have produced it. */
#define SEEN_6_12 1
#define SEEN_7_2 2
#define SEEN (SEEN_6_12 | SEEN_7_2)
#define FILTER 4 /* the tests have no kernel without the ioctl: a filter of system calls answered for one */
#define SOURCE 0

struct explain_row {
	uint8_t op, kind, evidence;
	short error;
	const char *sentence, *hint;
};

/* Each ends with a row without a sentence. */
extern const struct explain_row explain_basic[], explain_space[], explain_objects[], explain_devices[];

#endif
