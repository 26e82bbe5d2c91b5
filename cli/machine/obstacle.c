/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/obstacle.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "machine/files.h"
#include "machine/group.h"
#include "machine/iommu.h"
#include "util/number.h"

struct obstacles {
	struct machine_obstacle *items;
	size_t count;
};

__attribute__((format(printf, 4, 5)))
static void add_obstacle(struct obstacles *obstacles, enum machine_obstacle_kind kind, const char *what,
			 const char *format, ...)
{
	struct machine_obstacle *obstacle = &obstacles->items[obstacles->count];
	va_list ap;

	if (obstacles->count == MACHINE_OBSTACLES)
		return;
	*obstacle = (struct machine_obstacle){ .kind = kind };
	snprintf(obstacle->what, sizeof(obstacle->what), "%s", what);
	va_start(ap, format);
	vsnprintf(obstacle->fact, sizeof(obstacle->fact), format, ap);
	va_end(ap);
	obstacles->count++;
}

static const struct class_obstacle {
	uint16_t class;
	enum machine_obstacle_kind kind;
	char what[64];
} classes[] = {
	{ 0x0600, OBSTACLE_BRIDGE, "it is a host bridge (class 0600), which VFIO leaves alone" },
	{ 0x0604, OBSTACLE_BRIDGE, "it is a PCI bridge (class 0604), which no VFIO driver takes" },
	{ 0x0607, OBSTACLE_BRIDGE, "it is a CardBus bridge (class 0607), which no VFIO driver takes" },
	{ 0x0609, OBSTACLE_BRIDGE, "it is a PCI bridge (class 0609), which no VFIO driver takes" },
	{ 0x0806, OBSTACLE_IOMMU, "it is an IOMMU (class 0806)" },
};

static const struct class_obstacle *find_class(const struct machine_ids *ids)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (ids->class >> 8 == classes[i].class)
			return &classes[i];
	return NULL;
}

bool machine_is_infrastructure(const struct machine_ids *ids)
{
	return find_class(ids);
}

static void look_at_class(struct obstacles *obstacles, const struct machine_device *device,
			  const struct machine_ids *ids)
{
	const struct class_obstacle *found = find_class(ids);

	if (found)
		add_obstacle(obstacles, found->kind, found->what, "/sys/%s/class", device->path);
}

/* vfio-pci has the same list, and probes none of these. */
static bool is_denylisted(const struct machine_ids *ids)
{
	static const uint16_t intel[] = {
		0x19e2, 0x19e3, /* QAT C3XXX */
		0x37c8, 0x37c9, /* QAT C62X */
		0x0435, 0x0443, /* QAT DH895XCC */
		0x0b25,		/* DSA of Sapphire Rapids */
		0x0cfe,		/* IAX of Sapphire Rapids */
	};

	for (size_t i = 0; i < ARRAY_SIZE(intel); i++)
		if (ids->vendor == 0x8086 && ids->device == intel[i])
			return true;
	return false;
}

static void look_at_denylist(struct obstacles *obstacles, const struct machine_ids *ids)
{
	char what[sizeof(obstacles->items->what)], text[8];

	machine_read(IN_SYS, text, sizeof(text), "module/vfio_pci/parameters/disable_denylist");
	if (*text == 'Y' || !is_denylisted(ids))
		return;
	snprintf(what, sizeof(what), "vfio-pci does not take %04x:%04x, which it has on a list of unsafe devices",
		 ids->vendor, ids->device);
	add_obstacle(obstacles, OBSTACLE_DENYLISTED, what, "/sys/module/vfio_pci/parameters/disable_denylist");
}

/* The kernel keeps such a mapping for the firmware's sake, and lets nobody else have the device. */
static void look_at_regions(struct obstacles *obstacles, const struct machine_device *device)
{
	struct machine_region regions[MACHINE_REGIONS];
	size_t n = device->group < 0 ? 0 : machine_reserved(device->group, regions);
	char what[sizeof(obstacles->items->what)];

	for (size_t i = 0; i < n; i++) {
		if (strcmp(regions[i].type, "direct") != 0)
			continue;
		snprintf(what, sizeof(what), "the firmware has it reach memory at 0x%" PRIx64 "-0x%" PRIx64 " directly",
			 regions[i].start, regions[i].last);
		add_obstacle(obstacles, OBSTACLE_DIRECT, what, "/sys/kernel/iommu_groups/%d/reserved_regions", device->group);
		return;
	}
}

/* On these buses VFIO's drivers emulate a device, and take what it asks for out of memory themselves. */
static bool is_emulated(const char *bus)
{
	return strcmp(bus, "mdev") == 0 || strcmp(bus, "ap") == 0 || strcmp(bus, "css") == 0;
}

/* Without a group, but with an IOMMU, it is that device which is not behind it. */
static void look_for_iommu(struct obstacles *obstacles, const struct machine_device *device)
{
	if (is_emulated(device->bus) || device->group >= 0 || machine_noiommu_mode() > 0)
		return;
	if (!machine_iommu_is_on())
		add_obstacle(obstacles, OBSTACLE_OFF, "this machine has no IOMMU that is on", "/sys/class/iommu");
	else
		add_obstacle(obstacles, OBSTACLE_OFF, "no IOMMU is in front of it", "/sys/%s/iommu_group",
			     device->path);
}

size_t machine_obstacles(const struct machine_device *device, struct machine_obstacle ret[MACHINE_OBSTACLES])
{
	struct obstacles obstacles = { ret, 0 };
	struct machine_ids ids;

	if (machine_ids(device, &ids)) {
		look_at_class(&obstacles, device, &ids);
		look_at_denylist(&obstacles, &ids);
	}
	look_at_regions(&obstacles, device);
	look_for_iommu(&obstacles, device);
	return obstacles.count;
}
