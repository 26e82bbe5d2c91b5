/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/info-machine.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine/claimant.h"
#include "machine/group.h"
#include "machine/obstacle.h"
#include "machine/pci.h"
#include "machine/use.h"
#include "verbs/list-holders.h"
#include "verbs/list-use.h"

struct relation {
	char name[12], bus[16], address[64], driver[64];
};

struct info_machine {
	bool is_there;
	struct machine_device device;
	/* The row of list, and what belongs to it. */
	struct machine_entry entry;
	struct list_row row;
	struct list_table list;
	struct pci_names names;
	struct list_members members;
	struct list_holders holders;
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
	int error; /* of what was read so far */
};

/* ---- reading ---- */

static bool add_relation(void *arg, const char *name, const char *bus, const char *address)
{
	struct info_machine *info = arg;
	struct machine_device other;
	struct relation *relation;
	void *grown = reallocarray(info->relations, info->n_relations + 1, sizeof(*relation));

	if (!grown) {
		info->error = -ENOMEM;
		return false;
	}
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

static int read_all_uses(struct info_machine *info)
{
	struct machine_host *host = machine_host_new(false);

	if (!host)
		return -ENOMEM;
	machine_uses(host, &info->device, &info->uses);
	machine_host_free(host);
	return 0;
}

/* Without a database the ids stand for it. */
static int read_name(struct info_machine *info)
{
	const struct machine_ids *ids = &info->entry.ids;
	int rc;

	if (!ids->vendor || info->list.ids_only)
		return 0;
	rc = pci_names_want(&info->names, ids->vendor, ids->device) ?: pci_names_read(&info->names);
	return rc == -ENOMEM ? rc : 0;
}

/* As a list of this one device has it. */
static int read_list(struct info_machine *info)
{
	int rc = machine_inventory_of(&info->device, &info->entry);

	if (rc < 0)
		return rc;
	info->row.entry = &info->entry;
	info->list.rows = &info->row;
	info->list.count = 1;
	info->list.names = &info->names;
	info->list.cells = list_cells_new();
	if (!info->list.cells)
		return -ENOMEM;
	return list_uses_read(&info->row, 1) ?: read_name(info) ?:
	       list_members_read(&info->members, &info->row, 1) ?:
	       list_holders_read(&info->holders, &info->row, 1);
}

static int read_all(struct info_machine *info)
{
	const struct machine_device *device = &info->device;

	machine_pci(device, &info->pci);
	info->n_obstacles = machine_obstacles(device, info->obstacles);
	info->n_claimants = machine_claimants(device, info->claimants);
	if (device->group >= 0)
		info->n_regions = machine_reserved(device->group, info->regions);
	read_relations(info);
	return info->error ?: read_all_uses(info) ?: read_list(info);
}

int info_machine_read(const struct machine_device *device, bool ids_only, struct info_machine **ret)
{
	struct info_machine *info = calloc(1, sizeof(*info));
	int rc = 0;

	*ret = NULL;
	if (!info)
		return -ENOMEM;
	if (device) {
		info->is_there = true;
		info->device = *device;
		info->list.ids_only = ids_only;
		rc = read_all(info);
	}
	if (rc < 0)
		info_machine_free(info);
	else
		*ret = info;
	return rc;
}

void info_machine_free(struct info_machine *info)
{
	if (!info)
		return;
	list_uses_free(&info->row, 1);
	free(info->list.cells);
	pci_names_free(&info->names);
	free(info->members.items);
	free(info->holders.items);
	free(info->relations);
	free(info);
}

void info_machine_note(const struct output *output, const struct info_machine *info)
{
	list_holders_note(output, &info->holders);
}

/* ---- rows ---- */

static const char *text_if_any(const char *text)
{
	return *text ? text : NULL;
}

static const char *capability_text(enum machine_capability capability)
{
	static const char texts[][4] = {
		[CAPABILITY_UNKNOWN] = "", [CAPABILITY_NONE] = "no", [CAPABILITY_OFF] = "off", [CAPABILITY_ON] = "on",
	};

	return text_if_any(texts[capability]);
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
	row[0].text = text_if_any(info->device.override);
	row[1].text = text_if_any(info->pci.resets);
	row[2].text = text_if_any(info->pci.power);
	row[3].text = text_if_any(info->pci.runtime);
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
	row[1].text = text_if_any(claimant->what);
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
	row[3].text = text_if_any(relation->driver);
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
	const struct table own[] = {
		{ "properties", ROWS(property_columns, next_property, info) },
		{ "uses", ROWS(use_columns, next_use, info) },
		{ "obstacles", ROWS(obstacle_columns, next_obstacle, info) },
		{ "claimants", ROWS(claimant_columns, next_claimant, info) },
		{ "relations", ROWS(relation_columns, next_relation, info) },
		{ "reserved", ROWS(reserved_columns, next_reserved, info) },
	};

	list_tables(tables, &info->list, &info->members);
	for (size_t i = 0; i < LIST_TABLES; i++) {
		tables[i].always = false;
		tables[i].place = IN_BOTH;
	}
	tables[LIST_TABLES] = list_holders_table(&info->holders);
	memcpy(&tables[LIST_TABLES + 1], own, sizeof(own));
}
