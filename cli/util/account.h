/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What users and groups are called, and who is called so. A static program knows numbers alone. */
#ifndef CLI_UTIL_ACCOUNT_H
#define CLI_UTIL_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* "root:vfio"; numbers stand for those without a name. */
void account_names(uid_t user, gid_t group, char *buf, size_t len);

/* By a name or, as with chown, behind that by a number. false: there is none. */
bool account_user(const char *word, uid_t *ret);
bool account_group(const char *word, gid_t *ret);

#endif
