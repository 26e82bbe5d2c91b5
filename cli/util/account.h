/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What users and groups are called. */
#ifndef CLI_UTIL_ACCOUNT_H
#define CLI_UTIL_ACCOUNT_H

#include <stddef.h>
#include <sys/types.h>

/* "root:vfio"; numbers stand for those without a name, and in a static program for all. */
void account_names(uid_t user, gid_t group, char *buf, size_t len);

#endif
