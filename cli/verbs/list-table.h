/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of list: what its columns are, in text and in JSON. */
#ifndef CLI_VERBS_LIST_TABLE_H
#define CLI_VERBS_LIST_TABLE_H

#include "machine/inventory.h"
#include "machine/pci-names.h"
#include "output/table.h"

struct list_row {
	const struct machine_entry *entry;
	char **use; /* the texts of USE, ended by NULL; NULL: not known */
};

struct list_table {
	const struct list_row *rows;
	size_t count;
	const struct pci_names *names;
	bool ids_only;
	struct list_cells *cells; /* the texts of the row that is printed */
};

/* What a group has for members, one after the other. */
struct list_member {
	int32_t group;
	char address[64], driver[64];
};

struct list_members {
	struct list_member *items;
	size_t count, room;
	int32_t group; /* whose members are read */
	bool failed;
};

/* Of all groups of these rows, each group once. 0, or -ENOMEM. */
int list_members_read(struct list_members *ret, const struct list_row *rows, size_t count);

/* The room that the texts of a row need; NULL: out of memory. To be freed. */
struct list_cells *list_cells_new(void);

/* Devices, and in JSON their groups. */
enum { LIST_TABLES = 2 };
void list_tables(struct table tables[LIST_TABLES], const struct list_table *devices,
		 const struct list_members *members);

#endif
