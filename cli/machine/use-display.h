/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is shown or typed through a device: the firmware's framebuffer, the console. */
#ifndef CLI_MACHINE_USE_DISPLAY_H
#define CLI_MACHINE_USE_DISPLAY_H

#include "machine/part.h"
#include "machine/use-add.h"

void use_add_display(struct machine_uses *uses, const struct machine_host *host,
		     const struct machine_device *device);
void use_add_console(struct machine_uses *uses, const struct machine_host *host,
		     const struct machine_part *part);

#endif
