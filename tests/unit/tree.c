/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static char root[256];

/* A tree that cannot be built leaves nothing to test. */
static void need(int rc, const char *path)
{
	if (rc == 0)
		return;
	perror(path);
	abort();
}

typedef char path_text[PATH_MAX];

__attribute__((format(printf, 2, 3)))
static const char *print(path_text path, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(path, sizeof(path_text), format, ap);
	va_end(ap);
	need(n < (int)sizeof(path_text) ? 0 : -1, path);
	return path;
}

const char *tree_path(const char *format, ...)
{
	static char path[2 * PATH_MAX];
	size_t used = (size_t)sprintf(path, "%s/", root);
	va_list ap;

	va_start(ap, format);
	vsnprintf(path + used, sizeof(path) - used, format, ap);
	va_end(ap);
	return path;
}

/* Everything above the last component. */
static void make_parents(char *path)
{
	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		need(mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : -1, path);
		*slash = '/';
	}
}

void tree_mkdir(const char *path)
{
	path_text full;

	print(full, "%s/%s/", root, path);
	make_parents(full);
}

void tree_link(const char *text, const char *path)
{
	path_text full;

	print(full, "%s/%s", root, path);
	if (symlink(text, full) == 0)
		return;
	/* Asking first would cost most of the time of a large tree. */
	need(errno == ENOENT ? 0 : -1, full);
	make_parents(full);
	need(symlink(text, full), full);
}

void tree_unlink(const char *path)
{
	const char *full = tree_path("%s", path);

	need(remove(full), full);
}

void tree_write(const char *path, const char *text)
{
	path_text full;
	FILE *file;

	make_parents(strcpy(full, tree_path("%s", path)));
	file = fopen(full, "w");
	need(file && fputs(text, file) >= 0 && fclose(file) == 0 ? 0 : -1, full);
}

/* A relative link, as sysfs has them: path and target both start at the sysfs root. */
static void link_below(const char *path, const char *target)
{
	path_text full, text = "";

	for (const char *slash = path; (slash = strchr(slash, '/')); slash++)
		strcat(text, "../");
	strcat(text, target);
	tree_link(text, print(full, "sys/%s", path));
}

static void add_cdev(const struct tree_device *device, const char *dir)
{
	path_text own, path, numbers;
	struct stat st;

	print(own, "%s/vfio-dev/%s", dir, device->cdev);
	tree_mkdir(print(path, "sys/%s", own));
	link_below(print(path, "%s/subsystem", own), "class/vfio-dev");
	link_below(print(path, "%s/device", own), dir);
	link_below(print(path, "class/vfio-dev/%s", device->cdev), own);
	if (device->no_cdev)
		return;
	tree_write(print(path, "sys/%s/dev", own), "511:0\n");
	if (!device->node)
		return;
	need(stat(device->node, &st), device->node);
	tree_write(path, print(numbers, "%u:%u\n", major(st.st_rdev), minor(st.st_rdev)));
	tree_link(device->node, print(path, "dev/vfio/devices/%s", device->cdev));
	link_below(print(path, "dev/char/%u:%u", major(st.st_rdev), minor(st.st_rdev)), own);
}

void tree_add(const struct tree_device *device)
{
	path_text dir, path, target;

	print(dir, "devices/%s/%s", device->parent, device->address);
	tree_mkdir(print(path, "sys/%s", dir));
	link_below(print(path, "%s/subsystem", dir), print(target, "bus/%s", device->bus));
	link_below(print(path, "bus/%s/devices/%s", device->bus, device->address), dir);
	if (device->driver)
		link_below(print(path, "%s/driver", dir),
			   print(target, "bus/%s/drivers/%s", device->bus, device->driver));
	if (device->group)
		link_below(print(path, "%s/iommu_group", dir),
			   print(target, "kernel/iommu_groups/%s", device->group));
	if (device->cdev)
		add_cdev(device, dir);
}

/* In memory where there is such a place: on a busy disk a thousand devices take half a minute. */
static const char *temporary(void)
{
	const char *tmp = getenv("TMPDIR");

	if (tmp)
		return tmp;
	return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

void tree_create(void)
{
	snprintf(root, sizeof(root), "%s/iommufdctl-unit.XXXXXX", temporary());
	need(mkdtemp(root) ? 0 : -1, root);
	tree_mkdir("sys");
	tree_mkdir("sys/class");
	tree_mkdir("dev");
	tree_mkdir("proc");
	setenv("IOMMUFD_SYSFS", tree_path("sys"), 1);
	setenv("IOMMUFD_PROC", tree_path("proc"), 1);
	setenv("IOMMUFD_DEV", tree_path("dev"), 1);
	setenv("IOMMUFD_ROOT", root, 1);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void tree_remove(void)
{
	need(nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS), root);
	unsetenv("IOMMUFD_SYSFS");
	unsetenv("IOMMUFD_PROC");
	unsetenv("IOMMUFD_DEV");
	unsetenv("IOMMUFD_ROOT");
}

int tree_setup(void **state)
{
	(void)state;
	tree_create();
	return 0;
}

int tree_teardown(void **state)
{
	(void)state;
	tree_remove();
	return 0;
}
