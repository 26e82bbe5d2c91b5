/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why memory could not be pinned: whose limit it was, and how much is needed. */
#ifndef CLI_RESOLVE_WHY_MEMLOCK_H
#define CLI_RESOLVE_WHY_MEMLOCK_H

#include "engine/command.h"

/* -ENOMEM of an op that pins so many bytes; 0: nobody knows. Returns an exit code, with its message. */
int fail_pin(const struct call *call, const char *object, enum iommufd_op op, enum iommufd_device_kind kind,
	     uint64_t bytes);

#endif
