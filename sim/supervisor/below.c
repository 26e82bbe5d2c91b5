/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/below.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/mounts.h"

static void tell(struct below *below, const char *sys, const char *dev)
{
	const char *const pairs[8] = { "IOMMUFD_SIM", "1", "IOMMUFD_SYSFS", sys, "IOMMUFD_DEV", dev, NULL };

	memcpy(below->environment, pairs, sizeof(pairs));
}

void below_nowhere(struct below *below)
{
	*below->dir = '\0';
	tell(below, NULL, NULL);
}

int below_make(struct below *below, const struct topology *topology, struct nodes *nodes)
{
	const char *tmp = getenv("TMPDIR");

	if (snprintf(below->dir, sizeof(below->dir), "%s/iommufd-sim.XXXXXX", tmp && *tmp ? tmp : "/tmp") >=
	    (int)sizeof(below->dir))
		return -ENAMETOOLONG;
	if (!mkdtemp(below->dir))
		return -errno;
	snprintf(below->sys, sizeof(below->sys), "%s/sys", below->dir);
	snprintf(below->dev, sizeof(below->dev), "%s/dev", below->dir);
	tell(below, below->sys, below->dev);
	return mounts_make_below(below->dir, topology, nodes) ?: nodes_find(nodes, below->dev);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void below_remove(struct below *below)
{
	if (*below->dir)
		nftw(below->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
