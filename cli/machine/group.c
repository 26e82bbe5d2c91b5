/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/group.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "machine/files.h"

struct members {
	machine_member_fn *fn;
	void *arg;
};

static bool next_member(void *arg, const char *name)
{
	const struct members *members = arg;
	struct machine_device device;

	return !machine_device(name, &device) || members->fn(members->arg, &device);
}

void machine_each_member(int32_t group, machine_member_fn *fn, void *arg)
{
	char path[64];

	snprintf(path, sizeof(path), "kernel/iommu_groups/%d/devices", group);
	machine_each(IN_SYS, path, next_member, &(struct members){ fn, arg });
}

bool machine_keeps_group(const struct machine_device *member)
{
	return *member->driver && !member->is_vfio && strcmp(member->driver, "pcieport") != 0 &&
	       strcmp(member->driver, "pci-stub") != 0;
}

/* A line: "0x00000000fee00000 0x00000000feefffff msi". A region of "direct-relaxable" reserves nothing. */
static bool parse_region(const char *line, struct machine_region *ret)
{
	return sscanf(line, "%" SCNx64 " %" SCNx64 " %23s", &ret->start, &ret->last, ret->type) == 3 &&
	       strcmp(ret->type, "direct-relaxable") != 0;
}

size_t machine_reserved(int32_t group, struct machine_region ret[MACHINE_REGIONS])
{
	char text[4096];
	size_t n = 0;

	machine_read(IN_SYS, text, sizeof(text), "kernel/iommu_groups/%d/reserved_regions", group);
	for (const char *line = text; *line && n < MACHINE_REGIONS; line += strspn(line, "\n")) {
		n += parse_region(line, &ret[n]);
		line += strcspn(line, "\n");
	}
	return n;
}
