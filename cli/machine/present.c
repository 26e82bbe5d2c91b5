/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/present.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/device.h"
#include "machine/files.h"
#include "util/number.h"

bool machine_lists(const char *subsystem)
{
	return machine_bus_has_vfio(subsystem) || strcmp(subsystem, MACHINE_CDEVS) == 0;
}

static int compare(const char *subsystem, const char *name, const struct machine_presence *entry)
{
	return strcmp(subsystem, entry->subsystem) ?: strcmp(name, entry->name);
}

static int by_name(const void *a, const void *b)
{
	const struct machine_presence *entry = a;

	return compare(entry->subsystem, entry->name, b);
}

/* Where the name stands, or would. */
static size_t place_of(const struct machine_present *present, const char *subsystem, const char *name)
{
	size_t low = 0, high = present->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare(subsystem, name, &present->entries[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct machine_presence *machine_present_find(const struct machine_present *present, const char *subsystem,
					   const char *name)
{
	size_t at = place_of(present, subsystem, name);

	if (at == present->count || compare(subsystem, name, &present->entries[at]) != 0)
		return NULL;
	return &present->entries[at];
}

static int make_room(struct machine_present *present)
{
	size_t room = present->room ? present->room * 2 : 64;
	void *grown;

	if (present->count < present->room)
		return 0;
	grown = reallocarray(present->entries, room, sizeof(*present->entries));
	if (!grown)
		return -ENOMEM;
	present->entries = grown;
	present->room = room;
	return 0;
}

int machine_present_add(struct machine_present *present, const struct machine_presence *entry)
{
	size_t at = place_of(present, entry->subsystem, entry->name);
	int rc = make_room(present);

	if (rc < 0)
		return rc;
	memmove(&present->entries[at + 1], &present->entries[at], (present->count - at) * sizeof(*entry));
	present->entries[at] = *entry;
	present->count++;
	return 0;
}

void machine_present_remove(struct machine_present *present, struct machine_presence *entry)
{
	size_t behind = (size_t)(present->entries + present->count - entry) - 1;

	memmove(entry, entry + 1, behind * sizeof(*entry));
	present->count--;
}

/* --- a look --- */

struct look {
	struct machine_present *present;
	const char *subsystem;
	int error;
};

/* Appended: all are sorted at the end. What has a name that is too long is left out. */
static bool append(struct look *look, const char *name, struct machine_presence *entry)
{
	strcpy(entry->subsystem, look->subsystem);
	if (strlen(name) >= sizeof(entry->name))
		return true;
	strcpy(entry->name, name);
	look->error = make_room(look->present);
	if (look->error)
		return false;
	look->present->entries[look->present->count++] = *entry;
	return true;
}

static bool append_device(void *arg, const char *name)
{
	struct machine_presence entry = { 0 };
	struct look *look = arg;

	if (strlen(name) < sizeof(entry.address))
		strcpy(entry.address, name);
	machine_link_name(IN_SYS, entry.driver, sizeof(entry.driver), "bus/%s/devices/%s/driver", look->subsystem,
			  name);
	return append(look, name, &entry);
}

/* The link of the class says whose it is: ../../devices/.../ADDRESS/vfio-dev/NAME */
static bool append_cdev(void *arg, const char *name)
{
	struct machine_presence entry = { 0 };
	char text[PATH_MAX], *end, *start;

	if (machine_link(IN_SYS, text, sizeof(text), "class/" MACHINE_CDEVS "/%s", name) < 0)
		return true;
	end = strstr(text, "/" MACHINE_CDEVS "/");
	if (end) {
		*end = '\0';
		start = basename(text);
		if (strlen(start) < sizeof(entry.address))
			strcpy(entry.address, start);
	}
	return append(arg, name, &entry);
}

static int read_subsystem(struct machine_present *present, const char *subsystem)
{
	bool is_class = strcmp(subsystem, MACHINE_CDEVS) == 0;
	struct look look = { present, subsystem, 0 };
	char path[128];
	int rc;

	snprintf(path, sizeof(path), is_class ? "class/%s" : "bus/%s/devices", subsystem);
	rc = machine_each(IN_SYS, path, is_class ? append_cdev : append_device, &look);
	return look.error ?: rc == -ENOENT ? 0 : rc;
}

/* Asked before the look: what the kernel said up to then can be seen by now. */
static uint64_t read_sequence(void)
{
	uint64_t number = 0;
	char text[32];

	if (machine_read(IN_SYS, text, sizeof(text), "kernel/uevent_seqnum") < 0 || !parse_size(text, &number))
		return 0;
	return number;
}

int machine_present_read(struct machine_present *ret)
{
	struct machine_present present = { .sequence = read_sequence() };
	const char *bus;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (bus = machine_vfio_bus(i)); i++)
		rc = read_subsystem(&present, bus);
	if (rc == 0)
		rc = read_subsystem(&present, MACHINE_CDEVS);
	if (rc < 0) {
		machine_present_free(&present);
		return rc;
	}
	if (present.count)
		qsort(present.entries, present.count, sizeof(*present.entries), by_name);
	*ret = present;
	return 0;
}

void machine_present_free(struct machine_present *present)
{
	free(present->entries);
	*present = (struct machine_present){ 0 };
}
