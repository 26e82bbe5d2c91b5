/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/merge.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Directories that both have, and that have something of both: of all others the simulated one is all there
 * is.
 */
static bool is_shared(const char *below)
{
	static const char *const names[] = { "bus", "class", "class/misc", "dev", "dev/char", "devices", "devices/virtual",
					     "devices/virtual/misc", "firmware",
					     "firmware/acpi", "kernel", "module" };

	if (strncmp(below, "devices/pci", strlen("devices/pci")) == 0 && !strchr(below + strlen("devices/"), '/'))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], below) == 0)
			return true;
	return false;
}

static int copy_link(int real, const char *name, const char *to)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(real, name, text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return symlink(text, to) < 0 ? -errno : 0;
}

static int bind(int real, const char *name, const char *to, bool is_dir)
{
	char from[PATH_MAX];
	int fd = -1;

	if (is_dir ? mkdir(to, 0755) < 0 : (fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)) < 0)
		return -errno;
	if (fd >= 0)
		close(fd);
	snprintf(from, sizeof(from), "/proc/self/fd/%d/%s", real, name);
	/* What this user may not see he does not see here either. */
	if (mount(from, to, NULL, MS_BIND | MS_REC, NULL) == 0)
		return 0;
	return errno == EACCES || errno == EPERM || errno == ENOENT ? 0 : -errno;
}

static int merge_entry(int real, const char *name, const char *simulated, const char *below)
{
	char to[PATH_MAX], inside[PATH_MAX];
	struct stat st;
	int fd, rc;

	if (fstatat(real, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (snprintf(to, sizeof(to), "%s/%s", simulated, name) >= (int)sizeof(to) ||
	    snprintf(inside, sizeof(inside), "%s%s%s", below, *below ? "/" : "", name) >= (int)sizeof(inside))
		return -ENAMETOOLONG;
	if (faccessat(AT_FDCWD, to, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return S_ISLNK(st.st_mode) ? copy_link(real, name, to) :
					     bind(real, name, to, S_ISDIR(st.st_mode));
	if (!S_ISDIR(st.st_mode) || !is_shared(inside))
		return 0;
	fd = openat(real, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = merge_directory(fd, to, inside);
	close(fd);
	return rc;
}

int merge_directory(int real, const char *simulated, const char *below)
{
	int fd = openat(real, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir)
		return -errno;
	while (rc == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = merge_entry(real, entry->d_name, simulated, below);
	closedir(dir);
	return rc;
}

/* The real file with a line more: made in the simulated /sys, and gone from there once it is bound. */
static int add_line(const char *path, const char *line)
{
	static const char made[] = "/sys/.added";
	int from = open(path, O_RDONLY | O_CLOEXEC);
	int to = open(made, O_WRONLY | O_CREAT | O_CLOEXEC, 0444), rc = 0;
	char buf[4096];
	ssize_t n = 1;

	while (from >= 0 && to >= 0 && n > 0 && (n = read(from, buf, sizeof(buf))) > 0)
		n = write(to, buf, (size_t)n);
	if (from < 0 || to < 0 || n < 0 || write(to, line, strlen(line)) < 0 ||
	    mount(made, path, NULL, MS_BIND, NULL) < 0)
		rc = -errno;
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	unlink(made);
	return rc == -ENOENT ? 0 : rc; /* no such file: nobody reads it */
}

int merge_proc(const struct topology *topology)
{
	bool remapped = false;
	int rc = 0;

	for (size_t i = 0; i < topology->n_iommus; i++)
		remapped |= topology->iommus[i].description.interrupts_isolated;
	if (remapped)
		rc = add_line("/proc/interrupts", "sim: 0 IR-PCI-MSI 0-edge simulated\n");
	return rc ?: add_line("/proc/devices", "250 vfio-dev\n");
}
