/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/use.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/files.h"
#include "machine/use-add.h"

/* A physical function takes its virtual ones with it. */
static void look_at_functions(const struct machine_device *device, struct machine_uses *ret)
{
	char text[16], fact[128];
	long n;

	machine_read(IN_SYS, text, sizeof(text), "%s/sriov_numvfs", device->path);
	n = strtol(text, NULL, 10);
	snprintf(fact, sizeof(fact), "/sys/%s/sriov_numvfs", device->path);
	if (n > 0)
		use_add(ret, fact, "%ld VF%s", n, n > 1 ? "s" : "");
}

void machine_uses(const struct machine_host *host, const struct machine_device *device,
		  struct machine_uses *ret)
{
	(void)host;
	*ret = (struct machine_uses){ .count = 0 };
	look_at_functions(device, ret);
}
