/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of the simulated sysfs that do something when they are written to. */
#ifndef SIM_SUPERVISOR_ATTRIBUTE_H
#define SIM_SUPERVISOR_ATTRIBUTE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "supervisor/process.h"

enum { ATTRIBUTE_MOST = 64 }; /* bytes of one write: a longer one is not told of */

struct sysfs {
	char root[PATH_MAX];
	dev_t dev; /* of the file system that it is on */
};

enum attribute_kind { ATTRIBUTE_OVERRIDE, ATTRIBUTE_PROBE, ATTRIBUTE_BIND, ATTRIBUTE_UNBIND };

struct attribute {
	enum attribute_kind kind;
	char name[64]; /* the device's address of OVERRIDE, the driver of BIND and UNBIND */
};

/* It lies at this path: 0 or -errno. */
int sysfs_find(struct sysfs *sysfs, const char *path);
/* Is it this that the caller has open there, for writing? */
bool attribute_of_fd(const struct sysfs *sysfs, struct process_dirs *dirs, pid_t tid, int fd,
		     struct attribute *ret);

#endif
