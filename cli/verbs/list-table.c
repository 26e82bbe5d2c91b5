/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/list-table.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/files.h"
#include "machine/group.h"
#include "util/account.h"

struct list_cells {
	char ids[12], owner[80], mode[8], cdev[128];
	char vendor[8], device[8], subsystem_vendor[8], subsystem_device[8], class[8];
	uid_t owner_is;
	gid_t group_is;
};

struct list_cells *list_cells_new(void)
{
	return calloc(1, sizeof(struct list_cells));
}

static const char *text_unless_empty(const char *text)
{
	return *text ? text : NULL;
}

static const char *kind_text(enum machine_kind kind)
{
	static const char texts[][12] = {
		[MACHINE_UNKNOWN] = "", [MACHINE_PHYSICAL] = "physical", [MACHINE_EMULATED] = "emulated",
		[MACHINE_NOIOMMU] = "noiommu", [MACHINE_PARENT] = "parent",
	};

	return text_unless_empty(texts[kind]);
}

/* Ids as pci.ids, lspci and vfio-pci.ids= have them. Without a name they stand for it. */
static const char *name_text(const struct list_table *table, const struct machine_ids *ids)
{
	const char *name = table->ids_only ? NULL : pci_names_find(table->names, ids->vendor, ids->device);

	if (name || !ids->vendor)
		return name;
	snprintf(table->cells->ids, sizeof(table->cells->ids), "%04x:%04x", ids->vendor, ids->device);
	return table->cells->ids;
}

/* Many devices are of one owner, whose name takes some time to find. */
static const char *owner_text(const struct list_table *table, const struct machine_entry *entry)
{
	struct list_cells *cells = table->cells;

	if (!entry->has_node)
		return NULL;
	if (table->ids_only)
		snprintf(cells->owner, sizeof(cells->owner), "%u:%u", (unsigned int)entry->owner,
			 (unsigned int)entry->owner_group);
	else if (!*cells->owner || cells->owner_is != entry->owner || cells->group_is != entry->owner_group)
		account_names(entry->owner, entry->owner_group, cells->owner, sizeof(cells->owner));
	cells->owner_is = entry->owner;
	cells->group_is = entry->owner_group;
	return cells->owner;
}

static const char *mode_text(struct list_cells *cells, const struct machine_entry *entry)
{
	snprintf(cells->mode, sizeof(cells->mode), "%04o", (unsigned int)entry->mode);
	return entry->has_node ? cells->mode : NULL;
}

static const char *cdev_text(struct list_cells *cells, const struct machine_entry *entry)
{
	if (!entry->has_cdev ||
	    machine_path(IN_DEV, cells->cdev, sizeof(cells->cdev), "vfio/devices/%s", entry->name) < 0)
		return NULL;
	return cells->cdev;
}

static const char *id_text(char text[8], bool is_known, int digits, unsigned int id)
{
	snprintf(text, 8, "%0*x", digits, id & 0xffffff);
	return is_known ? text : NULL;
}

static void ids_columns(struct list_cells *cells, const struct machine_ids *ids, struct value *row)
{
	row[0].text = id_text(cells->vendor, ids->vendor, 4, ids->vendor);
	row[1].text = id_text(cells->device, ids->vendor, 4, ids->device);
	row[2].text = id_text(cells->subsystem_vendor, ids->vendor, 4, ids->subsystem_vendor);
	row[3].text = id_text(cells->subsystem_device, ids->vendor, 4, ids->subsystem_device);
	row[4].text = id_text(cells->class, ids->vendor, 6, ids->class);
}

static struct value number_from(int32_t number)
{
	return number_if(number >= 0, number >= 0 ? (uint64_t)number : 0);
}

static const struct column device_columns[] = {
	{ "device", "DEVICE", COLUMN_TEXT },
	{ "address", "ADDRESS", COLUMN_TEXT },
	{ "name", "NAME", COLUMN_TEXT },
	{ "driver", "DRIVER", COLUMN_TEXT },
	{ "group", "GROUP", COLUMN_NUMBER },
	{ "kind", "KIND", COLUMN_TEXT },
	{ "cdev", "", COLUMN_TEXT, IN_JSON },
	{ "numa_node", "NUMA", COLUMN_NUMBER },
	{ "owner", "OWNER", COLUMN_TEXT },
	{ "mode", "MODE", COLUMN_TEXT },
	{ "use", "USE", COLUMN_LIST },
	{ "bus", "", COLUMN_TEXT, IN_JSON },
	{ "pcie_root", "", COLUMN_TEXT, IN_JSON },
	{ "vendor_id", "", COLUMN_TEXT, IN_JSON },
	{ "device_id", "", COLUMN_TEXT, IN_JSON },
	{ "subsystem_vendor_id", "", COLUMN_TEXT, IN_JSON },
	{ "subsystem_device_id", "", COLUMN_TEXT, IN_JSON },
	{ "class", "", COLUMN_TEXT, IN_JSON },
};

static bool next_listed(const void *arg, size_t *cursor, struct value *row)
{
	const struct list_table *table = arg;
	const struct machine_entry *entry;

	if (*cursor == table->count)
		return false;
	entry = table->rows[*cursor].entry;
	row[0].text = text_unless_empty(entry->name);
	row[1].text = text_unless_empty(entry->address);
	row[2].text = name_text(table, &entry->ids);
	row[3].text = text_unless_empty(entry->driver);
	row[4] = number_from(entry->group);
	row[5].text = kind_text(entry->kind);
	row[6].text = cdev_text(table->cells, entry);
	row[7] = number_from(entry->numa_node);
	row[8].text = owner_text(table, entry);
	row[9].text = mode_text(table->cells, entry);
	row[10].names = (const char *const *)table->rows[*cursor].use;
	row[11].text = text_unless_empty(entry->bus);
	row[12].text = text_unless_empty(entry->root);
	ids_columns(table->cells, &entry->ids, &row[13]);
	++*cursor;
	return true;
}

/* --- groups --- */

static bool add_group_member(void *arg, const struct machine_device *member)
{
	struct list_members *members = arg;
	struct list_member *item;

	if (members->count == members->room) {
		size_t room = members->room ? 2 * members->room : 16;
		void *grown = reallocarray(members->items, room, sizeof(*members->items));

		members->failed = !grown;
		if (!grown)
			return false;
		members->items = grown;
		members->room = room;
	}
	item = &members->items[members->count++];
	item->group = members->group; /* the device may have left it meanwhile */
	strcpy(item->address, member->address);
	strcpy(item->driver, member->driver);
	return true;
}

static int by_number(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static int by_group(const void *a, const void *b)
{
	const struct list_member *x = a, *y = b;

	return by_number(&x->group, &y->group) ?: strcmp(x->address, y->address);
}

int list_members_read(struct list_members *ret, const struct list_row *rows, size_t count)
{
	int32_t *groups = calloc(count ?: 1, sizeof(*groups));

	*ret = (struct list_members){ .failed = !groups };
	if (!groups)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		groups[i] = rows[i].entry->group;
	qsort(groups, count, sizeof(*groups), by_number);
	for (size_t i = 0; i < count && !ret->failed; i++)
		if (groups[i] >= 0 && (i == 0 || groups[i] != groups[i - 1])) {
			ret->group = groups[i];
			machine_each_member(groups[i], add_group_member, ret);
		}
	free(groups);
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), by_group);
	return ret->failed ? -ENOMEM : 0;
}

static const struct column member_columns[] = {
	{ "group", "GROUP", COLUMN_NUMBER },
	{ "address", "ADDRESS", COLUMN_TEXT },
	{ "driver", "DRIVER", COLUMN_TEXT },
};

static bool next_member(const void *arg, size_t *cursor, struct value *row)
{
	const struct list_members *members = arg;
	const struct list_member *item = &members->items[*cursor];

	if (*cursor == members->count)
		return false;
	row[0] = number_from(item->group);
	row[1].text = item->address;
	row[2].text = text_unless_empty(item->driver);
	++*cursor;
	return true;
}

void list_tables(struct table tables[LIST_TABLES], const struct list_table *devices,
		 const struct list_members *members)
{
	tables[0] = (struct table){ "devices", ROWS(device_columns, next_listed, devices), .always = true };
	tables[1] = (struct table){ "group_members", ROWS(member_columns, next_member, members), .place = IN_JSON };
}
