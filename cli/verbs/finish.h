/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How most verbs end. Each function returns the exit code. */
#ifndef CLI_VERBS_FINISH_H
#define CLI_VERBS_FINISH_H

#include "context/derived.h"
#include "output/table.h"
#include "resolve/arguments.h"

enum { NO_ARGUMENT = -1 };

/* The kernel refused op about argument i, or NO_ARGUMENT: say so. error: -errno. */
int finish_refused(const struct call *call, int i, enum iommufd_op op, int error);
/* The same where rc is negative; otherwise the verb has nothing to print. */
int finish(const struct call *call, int i, enum iommufd_op op, int rc);
/* The same, and print an id. */
int finish_id(const struct call *call, int i, enum iommufd_op op, int rc, uint32_t id);
/* The same of what was allocated: keep it under the name of --name, and print its id. */
int finish_derived(const struct call *call, int i, enum iommufd_op op, int rc, const struct derived *derived);

#endif
