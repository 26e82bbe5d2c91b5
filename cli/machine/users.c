/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/users.h"
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
	bool is_cut;		  /* there are more targets */
};

/* ---- what a file is ---- */

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

/* The numbers decide where they can be had: a container may have the node below another name. */
static bool is_target(const struct machine_held_file *file, const struct target *target)
{
	if (file->is_mapped)
		return target->how != HOLD_NODE && is_path(file->path, target->path);
	if (file->rdev && target->rdev)
		return file->type == target->type && file->rdev == target->rdev;
	return is_path(file->path, target->path);
}

static bool is_named_now(const char *text)
{
	const char *name = strrchr(text, '/') + 1;

	return machine_has(IN_SYS, "class/vfio-dev/%.*s", (int)strcspn(name, " "), name);
}

/* Of a node that is gone, or of the group: the fd itself may tell. */
static bool is_of_device(const struct search *search, const struct machine_held_file *file,
			 enum machine_hold *how)
{
	bool through_group = strcmp(file->path, "anon_inode:[vfio-device]") == 0;
	bool gone = strncmp(file->path, "/dev/vfio/devices/", strlen("/dev/vfio/devices/")) == 0 &&
		    is_gone(file->path);

	if (!*search->directory || file->is_mapped || (!through_group && !gone))
		return false;
	if (file->device) {
		*how = through_group ? HOLD_GROUP : HOLD_DELETED;
		return strcmp(file->device, search->directory) == 0;
	}
	*how = HOLD_PERHAPS;
	return gone && search->is_unbound && !is_named_now(file->path);
}

static bool is_looked_for(const struct search *search, const struct machine_held_file *file,
			  enum machine_hold *how)
{
	for (size_t i = 0; i < search->n_targets; i++) {
		const struct target *target = &search->targets[i];

		if (!is_target(file, target))
			continue;
		*how = target->how;
		if (file->is_mapped)
			*how = HOLD_MAPPING;
		else if (target->how == HOLD_CDEV && is_gone(file->path))
			*how = HOLD_DELETED;
		return true;
	}
	return is_of_device(search, file, how);
}

/* ---- processes ---- */

static void add_user(struct machine_users *ret, const struct machine_held_file *file, enum machine_hold how)
{
	struct machine_user user = { .pid = file->pid, .how = how };

	if (ret->count == MACHINE_USERS) {
		ret->more = true;
		return;
	}
	memcpy(user.path, file->path, sizeof(user.path));
	machine_read(IN_PROC, user.command, sizeof(user.command), "%d/comm", (int)user.pid);
	machine_session_name(user.pid, user.command, user.session, sizeof(user.session));
	ret->items[ret->count++] = user;
}

/* but: a process that is left out, or 0. */
static void find_users(const struct search *search, const struct machine_held *held, pid_t but,
		       struct machine_users *ret)
{
	enum machine_hold how;
	pid_t last = 0;

	*ret = (struct machine_users){ .more = held->more, .unseen = held->unseen || search->is_cut };
	for (size_t i = 0; i < held->count; i++) {
		const struct machine_held_file *file = &held->items[i];

		if (file->pid == last || file->pid == but || !is_looked_for(search, file, &how))
			continue;
		add_user(ret, file, how);
		last = file->pid;
	}
}

/* ---- what is looked for ---- */

static void add_target(struct search *search, struct target target)
{
	if (search->n_targets < TARGETS)
		search->targets[search->n_targets++] = target;
	else
		search->is_cut = true;
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

void machine_users_of_device(const struct machine_held *held, const struct machine_device *device,
			     struct machine_users *ret)
{
	struct search search = { .n_targets = 0 };
	char cdev[32], directory[PATH_MAX - 8];

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
	find_users(&search, held, 0, ret);
}

static size_t find_others(const struct search *search, uint64_t end, struct machine_user ret[MACHINE_USERS])
{
	struct machine_users users;
	struct machine_held held;

	machine_held_read(&held, end);
	find_users(search, &held, getpid(), &users);
	machine_held_free(&held);
	memcpy(ret, users.items, users.count * sizeof(*ret));
	return users.count;
}

size_t machine_users_of_cdev(const char *name, uint64_t end, struct machine_user ret[MACHINE_USERS])
{
	struct search search = { .n_targets = 0 };

	add_cdev(&search, name);
	return find_others(&search, end, ret);
}

size_t machine_users_of_group(int group, uint64_t end, struct machine_user ret[MACHINE_USERS])
{
	struct search search = { .n_targets = 0 };

	add_group(&search, group);
	return find_others(&search, end, ret);
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
