/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of explanations, in one part for each group of ops. Never installed. */
#ifndef LIBIOMMUFD_EXPLAIN_H
#define LIBIOMMUFD_EXPLAIN_H

#include "internal.h"

#define ANY IOMMUFD_KIND_UNKNOWN
#define PHYS IOMMUFD_PHYSICAL
#define EMUL IOMMUFD_EMULATED
#define SEEN IOMMUFD_SEEN
#define SOURCE IOMMUFD_FROM_SOURCE
#define TOKEN_HINT "bind the physical function with '--token UUID', and this one with the same"
#define OP(name) IOMMUFD_OP_##name

struct explain_row {
	uint8_t op, kind, evidence;
	short error;
	const char *sentence, *hint;
};

/* Each ends with a row without a sentence. */
extern const struct explain_row explain_basic[], explain_objects[], explain_devices[];

#endif
