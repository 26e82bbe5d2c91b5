/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for claim and release: a network interface in a tree of our own, and a kernel that is made up. It
 * binds and unbinds drivers as the real one does, refuses what it is told to, and may kill who writes. A test
 * that includes this is linked with --wrap=sysfs_write.
 */
#ifndef DRIVERS_H
#define DRIVERS_H

#include "world.h"

#define NIC "0000:00:09.0"
#define SIBLING "0000:00:0a.0"
#define DIRECTORY "sys/devices/pci0000:00/"
#define RECORD "run/iommufdctl/claims/pci:" NIC

enum { KILLED = 99 }; /* the exit status of who was */

extern struct made_up {
	bool real; /* the kernel is not asked: a file is written */
	int writes, die_before, die_behind, fail_at, signal_at; /* counted from 1; 0: never */
	bool takes_nothing; /* vfio-pci */
	bool makes_no_cdev;
	bool never_unbinds;
} made_up;

/* For cmocka. */
int drivers_setup(void **state);
int drivers_teardown(void **state);

void add_nic(const char *address, const char *driver, const char *group);
/* An attribute of a device. */
void set(const char *address, const char *attribute, const char *text);

bool exists(const char *path);
const char *text_of(const char *path);
/* "e1000e", or "" */
const char *driver_of(const char *address);
const char *override_of(const char *address);

void assert_said(struct world *world, const char *text);
void assert_printed(struct world *world, const char *text);
/* The line fails so, and nothing was written. */
void assert_refuses(struct world *world, const char *line, int code, const char *message);
void assert_untouched(void);
void assert_claimed(void);

#endif
