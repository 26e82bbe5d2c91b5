/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/limits.h"
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/files.h"

/* What stands behind a heading at the begin of a line; NULL: there is none. */
static const char *behind(const char *text, const char *heading)
{
	const char *at = strstr(text, heading);

	return at && (at == text || at[-1] == '\n') ? at + strlen(heading) : NULL;
}

static int parse_memlock(const char *text, uint64_t *ret)
{
	const char *at = behind(text, "Max locked memory");

	if (!at)
		return -ENOENT;
	at += strspn(at, " ");
	*ret = strncmp(at, "unlimited", strlen("unlimited")) == 0 ? UINT64_MAX : strtoull(at, NULL, 10);
	return 0;
}

/* The last part of a line "0::/system.slice/NAME.service". What a user started is in no unit of its own. */
static void parse_unit(char *text, char *unit, size_t len)
{
	static const char suffix[] = ".service";
	char *name;

	text[strcspn(text, "\n")] = '\0';
	name = basename(text);
	if (strlen(name) > strlen(suffix) && strlen(name) < len && strncmp(name, "user@", 5) != 0 &&
	    strcmp(name + strlen(name) - strlen(suffix), suffix) == 0)
		strcpy(unit, name);
}

int machine_limits(pid_t pid, struct machine_limits *ret)
{
	char text[4096];
	const char *at;
	int rc;

	*ret = (struct machine_limits){ 0 };
	rc = machine_read(IN_PROC, text, sizeof(text), "%d/limits", (int)pid) ?: parse_memlock(text, &ret->memlock);
	if (rc < 0)
		return rc;
	rc = machine_read(IN_PROC, text, sizeof(text), "%d/status", (int)pid);
	if (rc < 0)
		return rc;
	at = behind(text, "VmPin:");
	ret->pinned = at ? strtoull(at, NULL, 10) * 1024 : 0;
	at = behind(text, "CapEff:");
	ret->exempt = at && strtoull(at, NULL, 16) >> CAP_IPC_LOCK & 1;
	if (machine_read(IN_PROC, text, sizeof(text), "%d/cgroup", (int)pid) == 0)
		parse_unit(text, ret->unit, sizeof(ret->unit));
	return 0;
}
