/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/use.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/files.h"
#include "machine/part.h"
#include "machine/use-add.h"
#include "machine/use-display.h"
#include "machine/use-network.h"
#include "machine/use-storage.h"
#include "util/number.h"

struct parts {
	struct machine_uses *uses;
	const struct machine_host *host;
	struct use_disks disks;
	size_t interfaces;
};

static bool look_at_part(void *arg, const struct machine_part *part)
{
	struct parts *parts = arg;

	if (strcmp(part->subsystem, "net") == 0) {
		use_add_interface(parts->uses, parts->host, part);
		parts->interfaces++;
	} else if (strcmp(part->subsystem, "tty") == 0) {
		use_add_console(parts->uses, parts->host, part);
	}
	use_collect_disks(&parts->disks, part);
	return true;
}

static bool is_of_networks(const struct machine_device *device)
{
	struct machine_ids ids;

	return machine_ids(device, &ids) && ids.class >> 16 == 0x02;
}

/* What drivers of the host have made of it. Below one of VFIO, or none, there is nothing of the kind. */
static void look_at_parts(const struct machine_host *host, const struct machine_device *device,
			  struct machine_uses *ret)
{
	struct parts parts = { .uses = ret, .host = host };
	char fact[sizeof(ret->items->fact)];
	int rc;

	if (!*device->driver || device->is_vfio || device->is_bridge)
		return;
	rc = machine_each_part(device, look_at_part, &parts);
	use_add_disks(ret, host, &parts.disks);
	if (!parts.interfaces && is_of_networks(device) && strcmp(device->driver, "pci-stub") != 0)
		use_add_no_interface(ret, device);
	snprintf(fact, sizeof(fact), "/sys/%s", device->path);
	if (rc < 0 && rc != -ENODEV)
		use_add_unknown(ret, fact, "what is below it cannot be read");
}

/* A physical function takes its virtual ones with it. */
static void look_at_functions(const struct machine_device *device, struct machine_uses *ret)
{
	char text[16], fact[sizeof(ret->items->fact)];
	long n;

	machine_read(IN_SYS, text, sizeof(text), "%s/sriov_numvfs", device->path);
	n = strtol(text, NULL, 10);
	snprintf(fact, sizeof(fact), "/sys/%s/sriov_numvfs", device->path);
	if (n > 0)
		use_add(ret, fact, "%ld VF%s", n, n > 1 ? "s" : "");
}

static bool count_mdev(void *arg, const char *name)
{
	unsigned char uuid[16];
	size_t *count = arg;

	*count += parse_uuid(name, uuid);
	return true;
}

static void look_at_mdevs(const struct machine_device *device, struct machine_uses *ret)
{
	char path[sizeof(device->path) + 8], fact[sizeof(ret->items->fact)];
	size_t count = 0;

	if (!machine_has(IN_SYS, "%s/mdev_supported_types", device->path))
		return;
	snprintf(path, sizeof(path), "%s", device->path);
	machine_each_directory(IN_SYS, path, count_mdev, &count);
	snprintf(fact, sizeof(fact), "/sys/%s", device->path);
	if (count)
		use_add(ret, fact, "%zu mdev%s", count, count > 1 ? "s" : "");
}

void machine_uses(const struct machine_host *host, const struct machine_device *device,
		  struct machine_uses *ret)
{
	*ret = (struct machine_uses){ .count = 0 };
	look_at_parts(host, device, ret);
	use_add_display(ret, host, device);
	look_at_functions(device, ret);
	look_at_mdevs(device, ret);
}
