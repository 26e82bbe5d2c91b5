/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/attribute.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int sysfs_find(struct sysfs *sysfs, const char *path)
{
	struct stat st;

	if (!realpath(path, sysfs->root) || stat(path, &st) < 0)
		return -errno;
	sysfs->dev = st.st_dev;
	return 0;
}

/* "devices/pci0000:00/0000:00:04.0/driver_override", and others below sysfs. */
static bool parse(const char *path, struct attribute *ret)
{
	const char *slash = strrchr(path, '/');
	int used = 0;

	*ret = (struct attribute){ .kind = ATTRIBUTE_PROBE };
	if (strcmp(path, "bus/pci/drivers_probe") == 0)
		return true;
	if (sscanf(path, "bus/pci/drivers/%31[^/]%n", ret->name, &used) == 1) {
		ret->kind = strcmp(path + used, "/bind") == 0 ? ATTRIBUTE_BIND : ATTRIBUTE_UNBIND;
		return ret->kind == ATTRIBUTE_BIND || strcmp(path + used, "/unbind") == 0;
	}
	if (!slash || strcmp(slash, "/driver_override") != 0)
		return false;
	while (slash > path && slash[-1] != '/')
		slash--;
	ret->kind = ATTRIBUTE_OVERRIDE;
	return sscanf(slash, "%63[^/]", ret->name) == 1;
}

static bool parse_fd(const struct sysfs *sysfs, int fd, struct attribute *ret)
{
	size_t len = strlen(sysfs->root);
	char link[32], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	return strncmp(path, sysfs->root, len) == 0 && path[len] == '/' && parse(path + len + 1, ret);
}

bool attribute_of_fd(const struct sysfs *sysfs, struct process_dirs *dirs, pid_t tid, int fd,
		     struct attribute *ret)
{
	bool found = false;
	struct stat st;
	int copy;

	if (process_stat_fd(dirs, tid, fd, &st) < 0 || st.st_dev != sysfs->dev || !S_ISREG(st.st_mode))
		return false;
	copy = process_copy_fd(dirs, tid, fd);
	if (copy < 0)
		return false;
	found = (fcntl(copy, F_GETFL) & O_ACCMODE) != O_RDONLY && parse_fd(sysfs, copy, ret);
	close(copy);
	return found;
}
