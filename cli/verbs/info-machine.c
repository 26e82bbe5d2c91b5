/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/info-machine.h"
#include <stdlib.h>
#include <string.h>

#include "machine/claimant.h"
#include "machine/group.h"
#include "machine/obstacle.h"
#include "machine/pci.h"
#include "machine/use.h"

struct relation {
	char name[12], bus[16], address[64], driver[64];
};

struct info_machine {
	bool is_there;
	struct machine_device device;
	struct machine_pci pci;
	struct machine_uses uses;
	struct machine_obstacle obstacles[MACHINE_OBSTACLES];
	size_t n_obstacles;
	struct machine_claimant claimants[MACHINE_CLAIMANTS];
	size_t n_claimants;
	struct machine_region regions[MACHINE_REGIONS];
	size_t n_regions;
	struct relation *relations;
	size_t n_relations;
	bool failed; /* out of memory */
};

/* ---- reading ---- */

static bool add_relation(void *arg, const char *name, const char *bus, const char *address)
{
	struct info_machine *info = arg;
	struct machine_device other;
	struct relation *relation;
	void *grown = reallocarray(info->relations, info->n_relations + 1, sizeof(*relation));

	info->failed = !grown;
	if (!grown)
		return false;
	info->relations = grown;
	relation = &info->relations[info->n_relations++];
	*relation = (struct relation){ 0 };
	strncpy(relation->name, name, sizeof(relation->name) - 1);
	strncpy(relation->bus, bus, sizeof(relation->bus) - 1);
	strncpy(relation->address, address, sizeof(relation->address) - 1);
	if (machine_device_on(bus, address, &other))
		strcpy(relation->driver, other.driver);
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct relation *x = a, *y = b;

	return strcmp(x->name, y->name) ?: strcmp(x->address, y->address);
}

static void read_relations(struct info_machine *info)
{
	machine_each_relation(&info->device, add_relation, info);
	if (info->n_relations)
		qsort(info->relations, info->n_relations, sizeof(*info->relations), by_address);
}

static void read_uses(struct info_machine *info)
{
	struct machine_host *host = machine_host_new(false);

	info->failed = info->failed || !host;
	if (host)
		machine_uses(host, &info->device, &info->uses);
	machine_host_free(host);
}

struct info_machine *info_machine_empty(void)
{
	return calloc(1, sizeof(struct info_machine));
}

struct info_machine *info_machine_read(const struct machine_device *device)
{
	struct info_machine *info = info_machine_empty();

	if (!info)
		return NULL;
	info->is_there = true;
	info->device = *device;
	machine_pci(device, &info->pci);
	info->n_obstacles = machine_obstacles(device, info->obstacles);
	info->n_claimants = machine_claimants(device, info->claimants);
	if (device->group >= 0)
		info->n_regions = machine_reserved(device->group, info->regions);
	read_uses(info);
	read_relations(info);
	if (!info->failed)
		return info;
	info_machine_free(info);
	return NULL;
}

void info_machine_free(struct info_machine *info)
{
	if (info)
		free(info->relations);
	free(info);
}

/* ---- rows ---- */

static const char *text_or_none(const char *text)
{
	return *text ? text : NULL;
}

static const char *capability_text(enum machine_capability capability)
{
	static const char texts[][4] = {
		[CAPABILITY_UNKNOWN] = "", [CAPABILITY_NONE] = "no", [CAPABILITY_OFF] = "off", [CAPABILITY_ON] = "on",
	};

	return text_or_none(texts[capability]);
}

static struct value count_or_none(int32_t count)
{
	return number_if(count >= 0, count >= 0 ? (uint64_t)count : 0);
}

static const struct column property_columns[] = {
	{ "override", "OVERRIDE", COLUMN_TEXT }, { "reset_methods", "RESET-METHODS", COLUMN_TEXT },
	{ "power", "POWER", COLUMN_TEXT }, { "runtime", "RUNTIME", COLUMN_TEXT },
	{ "vfs", "VFS", COLUMN_NUMBER }, { "total_vfs", "MAX-VFS", COLUMN_NUMBER },
	{ "ats", "ATS", COLUMN_TEXT }, { "pri", "PRI", COLUMN_TEXT }, { "pasid", "PASID", COLUMN_TEXT },
	{ "pasid_bits", "PASID-BITS", COLUMN_NUMBER },
};

static bool next_property(const void *arg, size_t *cursor, struct value *row)
{
	const struct info_machine *info = arg;

	if ((*cursor)++ || !info->is_there)
		return false;
	row[0].text = text_or_none(info->device.override);
	row[1].text = text_or_none(info->pci.resets);
	row[2].text = text_or_none(info->pci.power);
	row[3].text = text_or_none(info->pci.runtime);
	row[4] = count_or_none(info->pci.vfs);
	row[5] = count_or_none(info->pci.total_vfs);
	row[6].text = capability_text(info->pci.ats);
	row[7].text = capability_text(info->pci.pri);
	row[8].text = capability_text(info->pci.pasid);
	row[9] = number_if(info->pci.pasid_bits, info->pci.pasid_bits);
	return true;
}

static const struct column use_columns[] = {
	{ "use", "USE", COLUMN_TEXT }, { "known", "KNOWN", COLUMN_TEXT }, { "fact", "FACT", COLUMN_TEXT },
};

static bool next_use(const void *arg, size_t *cursor, struct value *row)
{
	const struct machine_uses *uses = &((const struct info_machine *)arg)->uses;
	const struct machine_use *use = &uses->items[*cursor];

	if (*cursor == uses->count)
		return false;
	row[0].text = use->what;
	row[1].text = yes_no(!use->unknown);
	row[2].text = use->fact;
	++*cursor;
	return true;
}

static const struct column obstacle_columns[] = {
	{ "obstacle", "OBSTACLE", COLUMN_TEXT }, { "fact", "FACT", COLUMN_TEXT },
};

static bool next_obstacle(const void *arg, size_t *cursor, struct value *row)
{
	const struct info_machine *info = arg;

	if (*cursor == info->n_obstacles)
		return false;
	row[0].text = info->obstacles[*cursor].what;
	row[1].text = info->obstacles[(*cursor)++].fact;
	return true;
}

static const struct column claimant_columns[] = {
	{ "claimant", "CLAIMANT", COLUMN_TEXT }, { "gives", "GIVES", COLUMN_TEXT },
	{ "fact", "FACT", COLUMN_TEXT },
};

static bool next_claimant(const void *arg, size_t *cursor, struct value *row)
{
	const struct info_machine *info = arg;
	const struct machine_claimant *claimant = &info->claimants[*cursor];

	if (*cursor == info->n_claimants)
		return false;
	row[0].text = claimant->who;
	row[1].text = text_or_none(claimant->what);
	row[2].text = claimant->fact;
	++*cursor;
	return true;
}

static const struct column relation_columns[] = {
	{ "relation", "RELATION", COLUMN_TEXT }, { "bus", "BUS", COLUMN_TEXT },
	{ "address", "ADDRESS", COLUMN_TEXT }, { "driver", "DRIVER", COLUMN_TEXT },
};

static bool next_relation(const void *arg, size_t *cursor, struct value *row)
{
	const struct info_machine *info = arg;
	const struct relation *relation = &info->relations[*cursor];

	if (*cursor == info->n_relations)
		return false;
	row[0].text = relation->name;
	row[1].text = relation->bus;
	row[2].text = relation->address;
	row[3].text = text_or_none(relation->driver);
	++*cursor;
	return true;
}

static const struct column reserved_columns[] = {
	{ "start", "RESERVED-FROM", COLUMN_HEX }, { "last", "TO", COLUMN_HEX }, { "type", "TYPE", COLUMN_TEXT },
};

static bool next_reserved(const void *arg, size_t *cursor, struct value *row)
{
	const struct info_machine *info = arg;
	const struct machine_region *region = &info->regions[*cursor];

	if (*cursor == info->n_regions)
		return false;
	row[0].number = region->start;
	row[1].number = region->last;
	row[2].text = region->type;
	++*cursor;
	return true;
}

void info_machine_tables(struct table tables[INFO_MACHINE_TABLES], const struct info_machine *info)
{
	const struct table all[] = {
		{ "properties", ROWS(property_columns, next_property, info) },
		{ "uses", ROWS(use_columns, next_use, info) },
		{ "obstacles", ROWS(obstacle_columns, next_obstacle, info) },
		{ "claimants", ROWS(claimant_columns, next_claimant, info) },
		{ "relations", ROWS(relation_columns, next_relation, info) },
		{ "reserved", ROWS(reserved_columns, next_reserved, info) },
	};

	memcpy(tables, all, sizeof(all));
}
