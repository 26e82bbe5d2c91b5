/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/account.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>

#include "util/number.h"

#ifdef IS_STATIC

static const char *user_name(uid_t user)
{
	(void)user;
	return NULL;
}

static const char *group_name(gid_t group)
{
	(void)group;
	return NULL;
}

static bool named_user(const char *word, uid_t *ret)
{
	(void)word, (void)ret;
	return false;
}

static bool named_group(const char *word, gid_t *ret)
{
	(void)word, (void)ret;
	return false;
}

#else

enum { TRIES = 3 }; /* where memory is short */

static const char *user_name(uid_t user)
{
	const struct passwd *found;
	int tries = 0;

	do {
		errno = 0;
		found = getpwuid(user);
	} while (!found && errno == ENOMEM && ++tries < TRIES);
	return found ? found->pw_name : NULL;
}

static const char *group_name(gid_t group)
{
	const struct group *found;
	int tries = 0;

	do {
		errno = 0;
		found = getgrgid(group);
	} while (!found && errno == ENOMEM && ++tries < TRIES);
	return found ? found->gr_name : NULL;
}

static bool named_user(const char *word, uid_t *ret)
{
	const struct passwd *found = getpwnam(word);

	if (found)
		*ret = found->pw_uid;
	return found;
}

static bool named_group(const char *word, gid_t *ret)
{
	const struct group *found = getgrnam(word);

	if (found)
		*ret = found->gr_gid;
	return found;
}

#endif

bool account_user(const char *word, uid_t *ret)
{
	return named_user(word, ret) || (parse_u32(word, ret) && *ret != (uid_t)-1);
}

bool account_group(const char *word, gid_t *ret)
{
	return named_group(word, ret) || (parse_u32(word, ret) && *ret != (gid_t)-1);
}

void account_names(uid_t user, gid_t group, char *buf, size_t len)
{
	char numbers[2][16];
	const char *names[2];

	snprintf(numbers[0], sizeof(numbers[0]), "%u", (unsigned int)user);
	snprintf(numbers[1], sizeof(numbers[1]), "%u", (unsigned int)group);
	names[0] = user_name(user) ?: numbers[0];
	names[1] = group_name(group) ?: numbers[1];
	snprintf(buf, len, "%s:%s", names[0], names[1]);
}
