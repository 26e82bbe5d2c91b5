/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "claim/node.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "machine/files.h"
#include "machine/part.h"

int node_path(const char *cdev, char *buf, size_t len)
{
	return machine_path(IN_DEV, buf, len, "vfio/devices/%s", cdev);
}

/* By an fd: whatever lies at its path when it is given to somebody. */
static int open_node(const char *cdev, struct stat *st)
{
	char path[PATH_MAX];
	int rc = node_path(cdev, path, sizeof(path)), fd;

	if (rc < 0)
		return rc;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = fstat(fd, st) < 0 ? -errno : S_ISCHR(st->st_mode) ? fd : -ENOTTY;
	if (rc < 0)
		close(fd);
	return rc;
}

bool node_owner(const char *cdev, uid_t *ret_owner, gid_t *ret_group, mode_t *ret_mode)
{
	struct stat st;

	int fd = open_node(cdev, &st);

	if (fd < 0)
		return false;
	close(fd);
	*ret_owner = st.st_uid;
	*ret_group = st.st_gid;
	*ret_mode = st.st_mode & 07777;
	return true;
}

/* "511:0", as sysfs has it. */
static int read_numbers(const char *cdev, dev_t *ret)
{
	char text[32];
	int rc = machine_cdev_numbers(cdev, text, sizeof(text));

	if (rc < 0)
		return rc == -ENOENT ? -EOPNOTSUPP : rc;
	*ret = machine_parse_numbers(text);
	return *ret ? 0 : -EIO;
}

/* Has the cdev's node these numbers? Those of its file in sysfs, or others by which sysfs finds it, too. */
static bool is_number_of(const char *cdev, dev_t numbers, dev_t rdev)
{
	char name[64];

	if (rdev == numbers)
		return true;
	machine_link_name(IN_SYS, name, sizeof(name), "dev/char/%u:%u", major(rdev), minor(rdev));
	return strcmp(name, cdev) == 0;
}

/* That it is there is not enough: for a moment the kernel opens it for nobody (ENODEV). */
static int try_node(const char *cdev, dev_t numbers)
{
	char path[PATH_MAX];
	int rc = node_path(cdev, path, sizeof(path)), fd;
	struct stat st;

	if (rc < 0)
		return rc;
	fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENODEV || errno == ENXIO ? -ENOENT : -errno;
	/* Other numbers are those of a device before it. */
	rc = fstat(fd, &st) < 0 ? -errno : is_number_of(cdev, numbers, st.st_rdev) ? 0 : -ENOENT;
	close(fd);
	return rc;
}

int node_is_ready(const struct machine_device *device, char *cdev, size_t len)
{
	dev_t numbers;
	int rc;

	if (!machine_cdev(device, cdev, len))
		return -ENOENT;
	rc = read_numbers(cdev, &numbers);
	return rc ?: try_node(cdev, numbers);
}

/* In its file of a device udev notes when it came to it first: "I:12345678", of CLOCK_MONOTONIC. */
bool node_is_settled(const char *cdev, uint64_t since)
{
	char text[1024], *line;
	dev_t numbers;

	if (!machine_has(IN_ROOT, "run/udev/control") || read_numbers(cdev, &numbers) < 0)
		return true;
	if (machine_read(IN_ROOT, text, sizeof(text), "run/udev/data/c%u:%u", major(numbers), minor(numbers)) < 0)
		return false;
	line = strncmp(text, "I:", 2) == 0 ? text : strstr(text, "\nI:");
	return line && strtoull(line + (*line == '\n') + 2, NULL, 10) >= since;
}

static int give(int fd, const struct node_rights *rights, const struct stat *st, bool *changed)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if ((rights->owner != (uid_t)-1 && rights->owner != st->st_uid) ||
	    (rights->group != (gid_t)-1 && rights->group != st->st_gid)) {
		if (chown(path, rights->owner, rights->group) < 0)
			return -errno;
		*changed = true;
	}
	if (rights->mode != (mode_t)-1 && rights->mode != (st->st_mode & 07777)) {
		if (chmod(path, rights->mode) < 0)
			return -errno;
		*changed = true;
	}
	return 0;
}

int node_give(const char *cdev, const struct node_rights *rights, bool *changed)
{
	struct stat st;
	dev_t numbers;
	int rc = read_numbers(cdev, &numbers), fd;

	if (rc < 0)
		return rc;
	fd = open_node(cdev, &st);
	if (fd < 0)
		return fd;
	rc = is_number_of(cdev, numbers, st.st_rdev) ? give(fd, rights, &st, changed) : -ESTALE;
	close(fd);
	return rc;
}
