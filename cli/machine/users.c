/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/users.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "machine/device.h"
#include "machine/files.h"
#include "util/process.h"

struct search {
	char path[64]; /* of the node, as a process has it that sees the usual /dev */
	dev_t rdev;    /* of it; 0: not known */
	uint64_t end;  /* a time that is enough */
	const char *pid;
	bool found;    /* in the process that is looked at */
	struct machine_user *users;
	size_t count;
};

/* "PATH", or "PATH (deleted)" where the node is gone. */
static bool is_path(const char *text, const char *path)
{
	size_t len = strlen(path);

	return strncmp(text, path, len) == 0 && (!text[len] || strcmp(text + len, " (deleted)") == 0);
}

/* The numbers decide where they can be had: a container may have the node below another name. */
static bool is_node(const struct search *search, const char *fd, const char *text)
{
	dev_t rdev;

	if (!strstr(text, "/vfio"))
		return false;
	rdev = machine_rdev(IN_PROC, "%s/fd/%s", search->pid, fd);
	return rdev && search->rdev ? rdev == search->rdev : is_path(text, search->path);
}

static bool look_at_fd(void *arg, const char *name)
{
	struct search *search = arg;
	char text[128];

	machine_link(IN_PROC, text, sizeof(text), "%s/fd/%s", search->pid, name);
	search->found = is_node(search, name, text);
	return !search->found && clock_ms() < search->end;
}

static bool maps_path(const struct search *search, const char *end)
{
	char text[80];

	snprintf(text, sizeof(text), " %s%s\n", search->path, end);
	return machine_find(IN_PROC, text, "%s/maps", search->pid) == 1;
}

/* Closed, but mapped: the device stays as it is. */
static bool has_mapped(const struct search *search)
{
	return machine_find(IN_PROC, " /dev/vfio/", "%s/maps", search->pid) == 1 &&
	       (maps_path(search, "") || maps_path(search, " (deleted)"));
}

static bool look_at_process(void *arg, const char *name)
{
	struct search *search = arg;
	struct machine_user *user = &search->users[search->count];
	char path[32];

	if (*name < '1' || *name > '9' || atoi(name) == getpid())
		return true;
	search->pid = name;
	search->found = false;
	snprintf(path, sizeof(path), "%s/fd", name);
	machine_each(IN_PROC, path, look_at_fd, search);
	if (search->found || has_mapped(search)) {
		*user = (struct machine_user){ .pid = atoi(name) };
		machine_read(IN_PROC, user->command, sizeof(user->command), "%s/comm", name);
		search->count++;
	}
	return search->count < MACHINE_USERS && clock_ms() < search->end;
}

/* The numbers stand in sysfs: "511:0". */
static dev_t parse_rdev(const char *text)
{
	unsigned int high, low;

	return sscanf(text, "%u:%u", &high, &low) == 2 ? makedev(high, low) : 0;
}

static size_t find_users(struct search *search)
{
	machine_each(IN_PROC, "", look_at_process, search);
	return search->count;
}

size_t machine_users_of_cdev(const char *name, uint64_t end, struct machine_user ret[MACHINE_USERS])
{
	struct search search = { .end = end, .users = ret };
	char text[32];

	snprintf(search.path, sizeof(search.path), "/dev/vfio/devices/%s", name);
	machine_cdev_numbers(name, text, sizeof(text));
	search.rdev = parse_rdev(text);
	return find_users(&search);
}

size_t machine_users_of_group(int group, uint64_t end, struct machine_user ret[MACHINE_USERS])
{
	struct search search = { .end = end, .users = ret };
	char text[32];

	snprintf(search.path, sizeof(search.path), "/dev/vfio/%d", group);
	machine_read(IN_SYS, text, sizeof(text), "class/vfio/%d/dev", group);
	search.rdev = parse_rdev(text);
	return find_users(&search);
}

static void merge(struct machine_users *ret, const struct machine_user *users, size_t n,
		  enum machine_hold how)
{
	for (size_t i = 0; i < n; i++) {
		ret->more |= ret->count == MACHINE_USERS;
		if (ret->count == MACHINE_USERS)
			return;
		ret->items[ret->count] = users[i];
		ret->items[ret->count++].how = how;
	}
}

void machine_users_of_device(const struct machine_device *device, uint64_t end, struct machine_users *ret)
{
	struct machine_user users[MACHINE_USERS];
	char cdev[32];

	*ret = (struct machine_users){ .count = 0 };
	if (machine_cdev(device, cdev, sizeof(cdev)))
		merge(ret, users, machine_users_of_cdev(cdev, end, users), HOLD_CDEV);
	if (device->group >= 0)
		merge(ret, users, machine_users_of_group(device->group, end, users), HOLD_GROUP);
}

const char *machine_hold_text(enum machine_hold how)
{
	static const char texts[][48] = {
		[HOLD_CDEV] = "has its cdev open",
		[HOLD_DELETED] = "has its cdev open, whose node is gone",
		[HOLD_MAPPING] = "has its memory mapped",
		[HOLD_GROUP] = "has its group open",
		[HOLD_NODE] = "has its node open",
	};

	return texts[how];
}
