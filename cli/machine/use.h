/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host does with a device now, and would lose by giving it away. */
#ifndef CLI_MACHINE_USE_H
#define CLI_MACHINE_USE_H

#include "machine/device.h"
#include "machine/host.h"

struct machine_use {
	char what[64];	/* for a column: "mounted /", "default route", "boot display", "2 VFs" */
	char fact[128]; /* the file that says so: "/proc/self/mountinfo" */
	bool unknown;	/* it may be in use: what cannot be told is in what, "interfaces cannot be seen" */
};

enum { MACHINE_USES = 24 };

struct machine_uses {
	struct machine_use items[MACHINE_USES];
	size_t count;
	bool more; /* than there is room for */
};

/*
 * In the order of importance. No item: the host does not use it. What programs have open of it is asked for
 * by machine_users_of_device().
 */
void machine_uses(const struct machine_host *host, const struct machine_device *device,
		  struct machine_uses *ret);

#endif
