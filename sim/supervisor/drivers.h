/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drivers of the bus PCI: which of them takes a device, and what comes and goes with it: links in sysfs, a
 * cdev and its node. All answer 0, or the -errno of a write to the file of sysfs by which it is asked for.
 */
#ifndef SIM_SUPERVISOR_DRIVERS_H
#define SIM_SUPERVISOR_DRIVERS_H

#include "supervisor/nodes.h"

struct drivers {
	struct nodes *nodes;
	const char *sys; /* where sysfs is */
};

/* driver_override; empty: none */
int drivers_override(const struct drivers *drivers, struct node *node, const char *name);
/* drivers_probe: that no driver takes it is no error. */
int drivers_probe(const struct drivers *drivers, struct node *node);
int drivers_bind(const struct drivers *drivers, struct node *node, const char *name);
/* -EBUSY: the device is leaving, and the writer waits until drivers_leave(). */
int drivers_unbind(const struct drivers *drivers, struct node *node, const char *name);
/* Of one that is leaving: is it gone? */
bool drivers_leave(struct node *node);

#endif
