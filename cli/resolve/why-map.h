/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why an IOVA range was refused: what of it is not aligned, not usable, or taken. */
#ifndef CLI_RESOLVE_WHY_MAP_H
#define CLI_RESOLVE_WHY_MAP_H

#include "engine/command.h"

/* What was to be mapped at a place that the caller chose. */
struct placement {
	uint32_t ioas;
	uint64_t iova, length, offset;
};

/*
 * -EINVAL or -EEXIST of op, whose object is the IOAS as the caller calls it. Returns an exit code, with its
 * message.
 */
int fail_placement(const struct call *call, const char *object, const struct placement *place,
		   enum iommufd_op op, int error);

#endif
