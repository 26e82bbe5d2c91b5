/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/claim-rights.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/account.h"

/* USER[:GROUP] */
static int parse_owner(const struct call *call, const char *word, struct node_rights *ret)
{
	const char *colon = strchr(word, ':');
	char user[64];

	snprintf(user, sizeof(user), "%.*s", (int)(colon ? colon - word : (int)strlen(word)), word);
	if (!account_user(user, &ret->owner))
		return msg_usage(call->output, "--owner: there is no user '%s'", user);
	if (colon && !account_group(colon + 1, &ret->group))
		return msg_usage(call->output, "--owner: there is no group '%s'", colon + 1);
	return EXIT_DONE;
}

/* Octal, as with chmod: who may read may write. */
static int parse_mode(const struct call *call, const char *word, struct node_rights *ret)
{
	char *end;
	unsigned long mode = strtoul(word, &end, 8);

	if (*word < '0' || *word > '7' || *end || mode > 0777)
		return msg_usage(call->output, "--mode: '%s' is no mode such as 660", word);
	ret->mode = (mode_t)mode;
	return EXIT_DONE;
}

int parse_rights(const struct call *call, struct node_rights *ret)
{
	const char *owner = opt_value(call, OPT_OWNER), *mode = opt_value(call, OPT_MODE);
	int rc = EXIT_DONE;

	*ret = (struct node_rights){ (uid_t)-1, (gid_t)-1, (mode_t)-1 };
	if (owner)
		rc = parse_owner(call, owner, ret);
	if (mode && rc == EXIT_DONE)
		rc = parse_mode(call, mode, ret);
	return rc;
}
