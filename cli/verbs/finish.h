/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How most verbs end. Each function returns the exit code. */
#ifndef CLI_VERBS_FINISH_H
#define CLI_VERBS_FINISH_H

#include "context/derived.h"
#include "output/table.h"
#include "resolve/arguments.h"

enum { NO_ARGUMENT = -1 };

/* Where rc is -errno: the kernel refused op about argument i, or NO_ARGUMENT; say so. */
int refused(const struct call *call, int i, enum iommufd_op op, int rc);
/* The same, and otherwise the verb has nothing to print. */
int finish(const struct call *call, int i, enum iommufd_op op, int rc);
/* The same, and print an id. */
int finish_id(const struct call *call, int i, enum iommufd_op op, int rc, uint32_t id);
/* Keep what was allocated under the name of --name. */
int keep_derived(const struct call *call, const struct derived *derived);
/* All of it: keep what was allocated, and print its id. */
int finish_derived(const struct call *call, int i, enum iommufd_op op, int rc, const struct derived *derived);

/* What the verb did to the device has revoked what is mapped of its BARs, if anything is: say so. */
void note_revoked(const struct call *call, const struct device *device);

/* After ENOENT of an ioctl about argument i, a physical device, and something else: is it the other one? */
bool device_is_there(const struct call *call, int i);

#endif
