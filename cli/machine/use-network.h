/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces that are up, enslaved, or lead to the default route. */
#ifndef CLI_MACHINE_USE_NETWORK_H
#define CLI_MACHINE_USE_NETWORK_H

#include "machine/part.h"
#include "machine/use-add.h"

void use_add_interface(struct machine_uses *uses, const struct machine_host *host,
		       const struct machine_part *part);
/* Its driver is one for networks, and has no interface here. */
void use_add_no_interface(struct machine_uses *uses, const struct machine_device *device);

#endif
