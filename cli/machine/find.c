/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/find.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "machine/files.h"
#include "util/number.h"

int machine_device_above(const char *directory, struct machine_device *ret)
{
	char path[PATH_MAX], bus[32], *slash;

	if (strlen(directory) >= sizeof(path))
		return -ENAMETOOLONG;
	for (strcpy(path, directory); (slash = strrchr(path, '/')); *slash = '\0')
		if (machine_link_name(IN_SYS, bus, sizeof(bus), "%s/subsystem", path) == 0 &&
		    machine_bus_has_vfio(bus) && machine_device_on(bus, slash + 1, ret))
			return 0;
	return -ENXIO;
}

/* ---- a disk that several controllers may lead to ---- */

struct controllers {
	struct machine_device *ret;
	size_t count;
};

static bool is_controller(const char *name)
{
	const char *digits = name + strlen("nvme");

	return strncmp(name, "nvme", strlen("nvme")) == 0 && *digits && !digits[strspn(digits, "0123456789")];
}

static bool take_controller(void *arg, const char *name)
{
	struct controllers *controllers = arg;
	struct machine_device found;
	char directory[PATH_MAX];

	if (!is_controller(name) || machine_link_directory(directory, sizeof(directory), "class/nvme/%s", name) < 0 ||
	    machine_device_above(directory, &found) < 0)
		return true;
	if (controllers->count && strcmp(found.address, controllers->ret->address) == 0)
		return true;
	*controllers->ret = found;
	controllers->count++;
	return true;
}

/* With multipath the disk hangs on no controller, but on what they have in common. */
static int find_controller(const char *directory, struct machine_device *ret)
{
	struct controllers controllers = { ret, 0 };
	const char *subsystem = strstr(directory, "/nvme-subsystem/");
	char path[PATH_MAX];

	if (!subsystem)
		return -ENXIO;
	subsystem += strlen("/nvme-subsystem/");
	snprintf(path, sizeof(path), "class/nvme-subsystem/%.*s", (int)strcspn(subsystem, "/"), subsystem);
	machine_each(IN_SYS, path, take_controller, &controllers);
	return controllers.count == 1 ? 0 : controllers.count ? -ENOTUNIQ : -ENXIO;
}

/* ---- words ---- */

/* Of what a link says. -ENODEV: it is not there. */
static int find_by_link(const char *path, struct machine_device *ret)
{
	char directory[PATH_MAX];
	int rc = machine_link_directory(directory, sizeof(directory), "%s", path);

	if (rc < 0)
		return rc == -ENOENT || rc == -EINVAL ? -ENODEV : rc;
	rc = machine_device_above(directory, ret);
	return rc == -ENXIO ? find_controller(directory, ret) : rc;
}

/* By the numbers of a node, whatever its name is. */
static int find_by_node(const char *word, struct machine_device *ret)
{
	struct stat st;
	char path[64];

	if (stat(word, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? -ENODEV : -errno;
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return -ENXIO;
	snprintf(path, sizeof(path), "dev/%s/%u:%u", S_ISBLK(st.st_mode) ? "block" : "char", major(st.st_rdev),
		 minor(st.st_rdev));
	return find_by_link(path, ret);
}

/* "platform/fff51000.ethernet" */
static bool find_on_bus(const char *word, struct machine_device *ret)
{
	const char *slash = strchr(word, '/');
	char bus[sizeof(ret->bus)];

	if (!slash || (size_t)(slash - word) >= sizeof(bus))
		return false;
	snprintf(bus, sizeof(bus), "%.*s", (int)(slash - word), word);
	return machine_bus_has_vfio(bus) && machine_device_on(bus, slash + 1, ret);
}

int machine_find_device(const char *word, struct machine_device *ret)
{
	static const char classes[][16] = { "class/vfio-dev", "class/net", "class/block", "class/nvme" };
	char path[128];
	int rc;

	*ret = (struct machine_device){ .group = -1 };
	if (strchr(word, '/'))
		return find_on_bus(word, ret) ? 0 : find_by_node(word, ret);
	if (machine_device(word, ret))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(classes) && *word && *word != '.'; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", classes[i], word) >= (int)sizeof(path))
			break;
		rc = find_by_link(path, ret);
		if (rc != -ENODEV)
			return rc;
	}
	return -ENODEV;
}
