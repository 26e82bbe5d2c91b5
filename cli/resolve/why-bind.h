/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a device was not bound, by the facts of this machine where they decide. */
#ifndef CLI_RESOLVE_WHY_BIND_H
#define CLI_RESOLVE_WHY_BIND_H

#include "engine/command.h"

/* op: BIND, or BIND_TOKEN. Returns an exit code, with its message. */
int fail_bind(const struct call *call, const char *word, const struct iommufd_device *info,
	      enum iommufd_op op, int error);

#endif
