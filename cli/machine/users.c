/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/users.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/files.h"
#include "machine/part.h"
#include "machine/session-name.h"
#include "util/number.h"
#include "util/process.h"

enum { TARGETS = 128 };

struct target {
	enum machine_hold how;
	mode_t type;
	char path[64]; /* of the node, as a process has it that sees the usual /dev */
	dev_t rdev;    /* of it; 0: not known */
};

struct search {
	struct target targets[TARGETS];
	size_t n_targets;
	char directory[PATH_MAX]; /* of the device, "/sys/devices/..."; empty: not looked for */
	bool is_unbound;	  /* the device: a node that is gone may have been its one */
	bool with_self;
	uint64_t end; /* a time that is enough */
	const char *pid;
	struct machine_user user; /* of the process that is looked at */
	bool found;
	struct machine_users *ret;
};

/* ---- what an fd is ---- */

static bool is_gone(const char *text)
{
	const char *blank = strrchr(text, ' ');

	return blank && strcmp(blank, " (deleted)") == 0;
}

/* "PATH", or "PATH (deleted)" where the node is gone. */
static bool is_path(const char *text, const char *path)
{
	size_t len = strlen(path);

	return strncmp(text, path, len) == 0 && (!text[len] || strcmp(text + len, " (deleted)") == 0);
}

static bool found(struct search *search, enum machine_hold how, const char *path)
{
	search->found = true;
	search->user.how = how;
	snprintf(search->user.path, sizeof(search->user.path), "%s", path);
	return true;
}

/* The numbers decide where they can be had: a container may have the node below another name. */
static bool is_target(struct search *search, const char *fd, const char *text)
{
	static const mode_t types[] = { S_IFCHR, S_IFBLK };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		dev_t rdev = machine_rdev(IN_PROC, types[i], "%s/fd/%s", search->pid, fd);

		for (size_t j = 0; j < search->n_targets; j++) {
			const struct target *target = &search->targets[j];
			bool gone = target->how == HOLD_CDEV && is_gone(text);

			if (target->type == types[i] &&
			    (rdev && target->rdev ? rdev == target->rdev : is_path(text, target->path)))
				return found(search, gone ? HOLD_DELETED : target->how, text);
		}
	}
	return false;
}

/* The device of a file of VFIO, as recent kernels tell it. */
static void read_device(const struct search *search, const char *fd, char *path, size_t len)
{
	static const char key[] = "vfio-device-syspath:";
	char text[PATH_MAX + 512];
	const char *at;

	*path = '\0';
	machine_read(IN_PROC, text, sizeof(text), "%s/fdinfo/%s", search->pid, fd);
	at = strstr(text, key);
	if (!at)
		return;
	at += strlen(key);
	at += strspn(at, " \t");
	snprintf(path, len, "%.*s", (int)strcspn(at, "\n"), at);
}

static bool is_named_now(const char *text)
{
	const char *name = strrchr(text, '/') + 1;

	return machine_has(IN_SYS, "class/vfio-dev/%.*s", (int)strcspn(name, " "), name);
}

/* Of a node that is gone, or of the group: the fd itself may tell. */
static bool is_of_device(struct search *search, const char *fd, const char *text)
{
	bool through_group = strcmp(text, "anon_inode:[vfio-device]") == 0;
	bool gone = strncmp(text, "/dev/vfio/devices/", strlen("/dev/vfio/devices/")) == 0 && is_gone(text);
	char path[PATH_MAX];

	if (!*search->directory || (!through_group && !gone))
		return false;
	read_device(search, fd, path, sizeof(path));
	if (*path)
		return strcmp(path, search->directory) == 0 &&
		       found(search, through_group ? HOLD_GROUP : HOLD_DELETED, text);
	return gone && search->is_unbound && !is_named_now(text) && found(search, HOLD_PERHAPS, text);
}

static bool look_at_fd(void *arg, const char *name)
{
	struct search *search = arg;
	char text[128];

	machine_link(IN_PROC, text, sizeof(text), "%s/fd/%s", search->pid, name);
	if (strstr(text, "/dev/"))
		is_target(search, name, text);
	if (!search->found && strstr(text, "vfio"))
		is_of_device(search, name, text);
	return !search->found && clock_ms() < search->end;
}

/* ---- closed, but mapped: the device stays as it is ---- */

static bool maps_path(struct search *search, const char *path, const char *end)
{
	char text[80];

	snprintf(text, sizeof(text), " %s%s\n", path, end);
	return machine_find(IN_PROC, text, "%s/maps", search->pid) == 1 && found(search, HOLD_MAPPING, path);
}

static void look_at_maps(struct search *search)
{
	if (machine_find(IN_PROC, " /dev/vfio/", "%s/maps", search->pid) != 1)
		return;
	for (size_t i = 0; i < search->n_targets && !search->found; i++)
		if (search->targets[i].how != HOLD_NODE)
			(void)(maps_path(search, search->targets[i].path, "") ||
			       maps_path(search, search->targets[i].path, " (deleted)"));
}

/* ---- processes ---- */

static void add_user(struct search *search)
{
	struct machine_users *ret = search->ret;
	struct machine_user *user = &search->user;

	if (ret->count == MACHINE_USERS) {
		ret->more = true;
		return;
	}
	machine_read(IN_PROC, user->command, sizeof(user->command), "%d/comm", (int)user->pid);
	machine_session_name(user->pid, user->command, user->session, sizeof(user->session));
	ret->items[ret->count++] = *user;
}

static bool look_at_process(void *arg, const char *name)
{
	struct search *search = arg;
	char path[32];
	int rc;

	if (*name < '1' || *name > '9' || (atoi(name) == getpid() && !search->with_self))
		return true;
	search->pid = name;
	search->found = false;
	search->user = (struct machine_user){ .pid = atoi(name) };
	snprintf(path, sizeof(path), "%s/fd", name);
	rc = machine_each(IN_PROC, path, look_at_fd, search);
	/* It may have ended. */
	search->ret->unseen |= rc < 0 && rc != -ENOENT && rc != -ESRCH && rc != -ENOTDIR;
	if (!search->found)
		look_at_maps(search);
	if (search->found)
		add_user(search);
	if (clock_ms() >= search->end)
		search->ret->more = true;
	return !search->ret->more;
}

static void add_target(struct search *search, struct target target)
{
	if (search->n_targets < TARGETS)
		search->targets[search->n_targets++] = target;
	else
		search->ret->unseen = true;
}

static void add_cdev(struct search *search, const char *name)
{
	struct target target = { .how = HOLD_CDEV, .type = S_IFCHR };
	char text[32];

	snprintf(target.path, sizeof(target.path), "/dev/vfio/devices/%s", name);
	machine_cdev_numbers(name, text, sizeof(text));
	target.rdev = machine_parse_numbers(text);
	add_target(search, target);
}

/* Without an IOMMU its name is another one. */
static void add_group(struct search *search, int group)
{
	static const char prefixes[][12] = { "", "noiommu-" };
	char text[32];

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		struct target target = { .how = HOLD_GROUP, .type = S_IFCHR };

		snprintf(target.path, sizeof(target.path), "/dev/vfio/%s%d", prefixes[i], group);
		machine_read(IN_SYS, text, sizeof(text), "class/vfio/%s%d/dev", prefixes[i], group);
		target.rdev = machine_parse_numbers(text);
		add_target(search, target);
	}
}

/* A node of the host's driver: where it lies below /dev, the kernel says. */
static bool add_node(void *arg, const struct machine_part *part)
{
	struct target target = { .how = HOLD_NODE, .type = S_IFCHR, .rdev = part->rdev };
	char text[1024];
	const char *name;

	if (!part->rdev || strncmp(part->subsystem, "vfio", 4) == 0)
		return true;
	if (strcmp(part->subsystem, "block") == 0)
		target.type = S_IFBLK;
	machine_read(IN_SYS, text, sizeof(text), "%s/uevent", part->directory);
	name = strstr(text, "DEVNAME=");
	name = name ? name + strlen("DEVNAME=") : part->name;
	snprintf(target.path, sizeof(target.path), "/dev/%.*s", (int)strcspn(name, "\n"), name);
	add_target(arg, target);
	return true;
}

/* "Device Minor: 	 0", of the driver of NVIDIA, which has no devices in the tree. */
static void add_nvidia(struct search *search, const char *address)
{
	struct target target = { .how = HOLD_NODE, .type = S_IFCHR };
	char text[2048];
	const char *at;

	machine_read(IN_PROC, text, sizeof(text), "driver/nvidia/gpus/%s/information", address);
	at = strstr(text, "Device Minor:");
	if (!at)
		return;
	snprintf(target.path, sizeof(target.path), "/dev/nvidia%lu", strtoul(at + strlen("Device Minor:"), NULL, 10));
	add_target(search, target);
}

void machine_users_of_device(const struct machine_device *device, uint64_t end, struct machine_users *ret)
{
	struct search search = { .end = end, .ret = ret, .with_self = true };
	char cdev[32], directory[PATH_MAX - 8];

	*ret = (struct machine_users){ .count = 0 };
	if (machine_directory(device, directory, sizeof(directory)) == 0)
		snprintf(search.directory, sizeof(search.directory), "/sys/%s", directory);
	search.is_unbound = !*device->driver && !device->is_vfio;
	if (machine_cdev(device, cdev, sizeof(cdev)))
		add_cdev(&search, cdev);
	if (device->group >= 0)
		add_group(&search, device->group);
	if (!device->is_vfio && !device->is_bridge)
		machine_each_part(device, add_node, &search);
	add_nvidia(&search, device->address);
	if (machine_each(IN_PROC, "", look_at_process, &search) < 0)
		ret->more = true;
}

static size_t find_users(struct search *search, struct machine_user ret[MACHINE_USERS])
{
	machine_each(IN_PROC, "", look_at_process, search);
	memcpy(ret, search->ret->items, search->ret->count * sizeof(*ret));
	return search->ret->count;
}

size_t machine_users_of_cdev(const char *name, uint64_t end, struct machine_user ret[MACHINE_USERS])
{
	struct machine_users users = { .count = 0 };
	struct search search = { .end = end, .ret = &users };

	add_cdev(&search, name);
	return find_users(&search, ret);
}

size_t machine_users_of_group(int group, uint64_t end, struct machine_user ret[MACHINE_USERS])
{
	struct machine_users users = { .count = 0 };
	struct search search = { .end = end, .ret = &users };

	add_group(&search, group);
	return find_users(&search, ret);
}

const char *machine_hold_text(enum machine_hold how)
{
	static const char texts[][64] = {
		[HOLD_CDEV] = "has its cdev open",
		[HOLD_DELETED] = "has its cdev open, whose node is gone",
		[HOLD_PERHAPS] = "has the cdev of an unbound device open, which may be this one",
		[HOLD_MAPPING] = "has its memory mapped",
		[HOLD_GROUP] = "has its group open",
		[HOLD_NODE] = "has a node of its driver open",
	};

	return texts[how];
}
