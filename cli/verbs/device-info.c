/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/device-info.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "verbs/finish.h"

enum { MAX_REGIONS = 64, MAX_IRQS = 16, MAX_AREAS = 64, FEATURES = IOMMUFD_FEATURE_ZPCI_ERROR + 1 };

struct area {
	uint32_t region;
	struct iommufd_span span;
};

/* All of it is asked for before anything is printed. */
struct device_info {
	struct iommufd_device_info device;
	struct iommufd_region regions[MAX_REGIONS];
	struct iommufd_irq irqs[MAX_IRQS];
	bool has_region[MAX_REGIONS], has_irq[MAX_IRQS];
	uint8_t caps[MAX_REGIONS]; /* a bit for each of enum iommufd_region_cap */
	struct area areas[MAX_AREAS];
	size_t n_areas;
	unsigned int features[FEATURES]; /* 1: there, 2: can be read, 4: can be set */
	uint64_t migration;
	bool has_migration;
	uint32_t atomic; /* completion sizes, 0: none or not told */
	bool is_read;
};

static const struct column device_columns[] = {
	{ "bus", "BUS", COLUMN_TEXT }, { "reset", "RESET", COLUMN_TEXT },
	{ "regions", "REGIONS", COLUMN_NUMBER }, { "irqs", "IRQS", COLUMN_NUMBER },
	{ "atomic", "PCI-ATOMIC", COLUMN_FLAGS }, { "migration", "MIGRATION", COLUMN_FLAGS },
};
static const struct column region_columns[] = {
	{ "index", "REGION", COLUMN_NUMBER }, { "name", "NAME", COLUMN_TEXT },
	{ "size", "SIZE", COLUMN_NUMBER }, { "offset", "OFFSET", COLUMN_HEX },
	{ "access", "ACCESS", COLUMN_LETTERS }, { "caps", "CAPS", COLUMN_FLAGS },
};
static const struct column area_columns[] = {
	{ "region", "REGION", COLUMN_NUMBER }, { "start", "MAPPABLE-FROM", COLUMN_HEX },
	{ "length", "LENGTH", COLUMN_NUMBER },
};
static const struct column irq_columns[] = {
	{ "index", "IRQ", COLUMN_NUMBER }, { "name", "NAME", COLUMN_TEXT },
	{ "count", "COUNT", COLUMN_NUMBER }, { "flags", "FLAGS", COLUMN_FLAGS },
};
static const struct column feature_columns[] = {
	{ "feature", "FEATURE", COLUMN_TEXT }, { "get", "GET", COLUMN_TEXT }, { "set", "SET", COLUMN_TEXT },
};

static const char *bus_name(uint32_t flags)
{
	static const char names[][12] = { "pci", "platform", "amba", "ccw", "ap", "fsl-mc", "", "cdx" };

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & IOMMUFD_DEVICE_PCI << i && *names[i])
			return names[i];
	return NULL;
}

static bool next_device_info(const void *arg, size_t *cursor, struct value *row)
{
	static const char *const atomic[] = { "32", "64", "128", NULL };
	static const char *const migration[] = { "stop-copy", "p2p", "pre-copy", NULL };
	const struct device_info *info = arg;

	if ((*cursor)++ || !info->is_read)
		return false;
	row[0].text = bus_name(info->device.flags);
	row[1].text = yes_no(info->device.flags & IOMMUFD_DEVICE_RESET);
	row[2].number = info->device.regions;
	row[3].number = info->device.irqs;
	row[4] = (struct value){ .number = info->atomic, .none = !(info->atomic & 7), .names = atomic };
	row[5] = (struct value){ .number = info->migration, .names = migration };
	row[5].none = !info->has_migration;
	return true;
}

static const char *region_name(const struct device_info *info, size_t index)
{
	static const char names[][8] = { "bar0", "bar1", "bar2", "bar3", "bar4", "bar5", "rom", "config", "vga" };

	return info->device.flags & IOMMUFD_DEVICE_PCI && index < ARRAY_SIZE(names) ? names[index] : NULL;
}

static bool next_region(const void *arg, size_t *cursor, struct value *row)
{
	static const char *const access[] = { "r", "w", "m", NULL };
	/* From the first number on that the kernel has given to one. */
	static const char *const caps[] = { "sparse-mmap", "type", "msix-mappable", NULL };
	const struct device_info *info = arg;
	size_t at;

	do {
		if (*cursor == MAX_REGIONS)
			return false;
		at = (*cursor)++;
	} while (!info->has_region[at] || !info->regions[at].size);
	row[0].number = at;
	row[1].text = region_name(info, at);
	row[2].number = info->regions[at].size;
	row[3].number = info->regions[at].offset;
	row[4] = (struct value){ .number = info->regions[at].flags, .names = access };
	row[5] = (struct value){ .number = info->caps[at] >> 1, .names = caps };
	row[5].none = !row[5].number;
	return true;
}

static bool next_area(const void *arg, size_t *cursor, struct value *row)
{
	const struct device_info *info = arg;

	if (*cursor == info->n_areas)
		return false;
	row[0].number = info->areas[*cursor].region;
	row[1].number = info->areas[*cursor].span.start;
	row[2].number = info->areas[(*cursor)++].span.length;
	return true;
}

static bool next_irq(const void *arg, size_t *cursor, struct value *row)
{
	static const char *const flags[] = { "eventfd", "maskable", "automasked", "noresize", NULL };
	static const char names[5][8] = { "intx", "msi", "msix", "err", "req" };
	const struct device_info *info = arg;
	size_t at;

	do {
		if (*cursor == MAX_IRQS)
			return false;
		at = (*cursor)++;
	} while (!info->has_irq[at] || !info->irqs[at].count);
	row[0].number = at;
	row[1].text = info->device.flags & IOMMUFD_DEVICE_PCI && at < ARRAY_SIZE(names) ? names[at] : NULL;
	row[2].number = info->irqs[at].count;
	row[3] = (struct value){ .number = info->irqs[at].flags, .names = flags };
	return true;
}

static bool next_feature(const void *arg, size_t *cursor, struct value *row)
{
	static const char names[FEATURES][24] = {
		"pci-vf-token", "migration", "migration-state", "low-power-entry", "low-power-wakeup",
		"low-power-exit", "dma-logging-start", "dma-logging-stop", "dma-logging-report",
		"migration-data-size", "bus-master", "dma-buf", "migration-precopy-v2", "zpci-error",
	};
	const struct device_info *info = arg;
	size_t at;

	do {
		if (*cursor == FEATURES)
			return false;
		at = (*cursor)++;
	} while (!info->features[at]);
	row[0].text = names[at];
	row[1].text = yes_no(info->features[at] & 2);
	row[2].text = yes_no(info->features[at] & 4);
	return true;
}

static void add_areas(struct device_info *info, uint32_t region, const struct iommufd_cap *cap)
{
	struct iommufd_span spans[MAX_AREAS];
	int n = iommufd_region_areas(cap, spans, ARRAY_SIZE(spans));

	for (int i = 0; i < n && i < MAX_AREAS && info->n_areas < MAX_AREAS; i++)
		info->areas[info->n_areas++] = (struct area){ region, spans[i] };
}

static int read_caps(struct device_info *info, uint32_t region, const void *buf, size_t size)
{
	uint32_t next = info->regions[region].caps;
	struct iommufd_cap cap;
	int rc;

	while ((rc = iommufd_cap_next(buf, size, &next, &cap)) > 0) {
		if (cap.id <= IOMMUFD_REGION_CAP_MSIX_MAPPABLE)
			info->caps[region] |= (uint8_t)(1U << cap.id);
		if (cap.id == IOMMUFD_REGION_CAP_SPARSE_MMAP)
			add_areas(info, region, &cap);
	}
	return rc;
}

/* Of the region, with its capabilities, which take as much room as the kernel says. */
static int read_region(struct device_info *info, int fd, uint32_t region)
{
	char few[1024] __attribute__((aligned(8)));
	void *many = NULL;
	size_t size = sizeof(few);
	int n = iommufd_device_region(fd, region, few, size, &info->regions[region]);

	if (n > (int)size) {
		size = (size_t)n;
		many = calloc(1, size);
		if (!many)
			return -ENOMEM;
		n = iommufd_device_region(fd, region, many, size, &info->regions[region]);
	}
	info->has_region[region] = n >= 0;
	if (n > 0 && (size_t)n <= size)
		n = read_caps(info, region, many ?: few, (size_t)n);
	free(many);
	return n;
}

static int read_device(struct device_info *info, int fd)
{
	char buf[512] __attribute__((aligned(8)));
	struct iommufd_cap cap;
	uint32_t next;
	int size = iommufd_device_info(fd, buf, sizeof(buf), &info->device), rc;

	if (size <= 0 || size > (int)sizeof(buf))
		return size < 0 ? size : 0;
	next = info->device.caps;
	while ((rc = iommufd_cap_next(buf, (size_t)size, &next, &cap)) > 0)
		if (cap.id == IOMMUFD_DEVICE_CAP_PCI_ATOMIC && cap.length >= sizeof(info->atomic))
			memcpy(&info->atomic, cap.data, sizeof(info->atomic));
	return rc;
}

static bool has_feature(int fd, int feature, unsigned int access)
{
	return iommufd_device_feature_probe(fd, (enum iommufd_feature)feature, access) == 1;
}

static void read_features(struct device_info *info, int fd)
{
	for (int i = 0; i < FEATURES; i++)
		info->features[i] = (has_feature(fd, i, 0) ? 1 : 0) |
				    (has_feature(fd, i, IOMMUFD_FEATURE_GET) ? 2 : 0) |
				    (has_feature(fd, i, IOMMUFD_FEATURE_SET) ? 4 : 0);
	info->has_migration = iommufd_device_migration_flags(fd, &info->migration) == 0;
}

/* A region or interrupt that the device lacks is none of its failures: what it has is shown. */
int device_info_read(const struct call *call, int fd, struct device_info *info)
{
	int rc = read_device(info, fd);

	if (rc < 0)
		return refused(call, 0, IOMMUFD_OP_DEVICE_CAPS, rc);
	for (uint32_t i = 0; i < info->device.regions && i < MAX_REGIONS; i++) {
		rc = read_region(info, fd, i);
		if (rc < 0 && rc != -EINVAL)
			return refused(call, 0, IOMMUFD_OP_REGION_INFO, rc);
	}
	for (uint32_t i = 0; i < info->device.irqs && i < MAX_IRQS; i++)
		info->has_irq[i] = iommufd_device_irq(fd, i, &info->irqs[i]) == 0;
	read_features(info, fd);
	info->is_read = true;
	return EXIT_DONE;
}

struct device_info *device_info_new(void)
{
	return calloc(1, sizeof(struct device_info));
}

void device_info_tables(struct table tables[DEVICE_INFO_TABLES], const struct device_info *info)
{
	const struct table all[DEVICE_INFO_TABLES] = {
		{ "device", ROWS(device_columns, next_device_info, info) },
		{ "regions", ROWS(region_columns, next_region, info) },
		{ "areas", ROWS(area_columns, next_area, info) },
		{ "irqs", ROWS(irq_columns, next_irq, info) },
		{ "features", ROWS(feature_columns, next_feature, info) },
	};

	memcpy(tables, all, sizeof(all));
}
