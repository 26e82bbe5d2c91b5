/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices that are there, and their drivers, as a list that can be compared with a later one: of the
 * buses whose devices VFIO can drive, and the cdevs. Who watches them keeps it up to date, too.
 */
#ifndef CLI_MACHINE_PRESENT_H
#define CLI_MACHINE_PRESENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine_presence {
	char subsystem[16]; /* "pci", or "vfio-dev" of a cdev */
	char name[64];	    /* "0000:00:04.0", "vfio1" */
	char address[64];   /* of a cdev: of its device; else the name */
	char driver[64];    /* empty: none; cdevs have none */
};

struct machine_present {
	struct machine_presence *entries; /* in order */
	size_t count, room;
	uint64_t sequence; /* what the kernel said up to this number is in it */
};

#define MACHINE_CDEVS "vfio-dev"

/* Is it one of those that are listed? */
bool machine_lists(const char *subsystem);

/* Look. What vanishes meanwhile is left out. 0, or -errno: *ret is as it was. */
int machine_present_read(struct machine_present *ret);
void machine_present_free(struct machine_present *present);

/* The entry of that name, or NULL. */
struct machine_presence *machine_present_find(const struct machine_present *present, const char *subsystem,
					   const char *name);
/* One that is not there yet. 0, or -ENOMEM. */
int machine_present_add(struct machine_present *present, const struct machine_presence *entry);
void machine_present_remove(struct machine_present *present, struct machine_presence *entry);

#endif
