/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list: the VFIO devices of this machine, and what can become one. */
#include "verbs/list.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/value.h"
#include "session/wanted.h"
#include "verbs/list-holders.h"
#include "verbs/list-table.h"
#include "verbs/list-use.h"

enum { OPT_HOLDERS = OPT_OWN, OPT_DRIVER, OPT_GROUP, OPT_CLASS, OPT_UNUSED };

/* Which devices are wanted. */
struct filter {
	const char *driver;
	int64_t group;	     /* -1: any */
	uint32_t class;	     /* the digits of --class ... */
	unsigned int digits; /* ... of which there are so many; 0: any */
	bool unused;
};

/* "02", "0200", "0x020000": as many digits as one wants of the three bytes of a class. */
static bool parse_class(const char *text, struct filter *filter)
{
	const char *digits = strncmp(text, "0x", 2) == 0 ? text + 2 : text;
	size_t n = strlen(digits);

	if (n != 2 && n != 4 && n != 6)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (hex_digit(digits[i]) < 0)
			return false;
		filter->class = filter->class << 4 | (uint32_t)hex_digit(digits[i]);
	}
	filter->digits = (unsigned int)n;
	return true;
}

static int read_filter(const struct call *call, struct filter *ret)
{
	const char *class = opt_value(call, OPT_CLASS);

	*ret = (struct filter){
		.driver = opt_value(call, OPT_DRIVER),
		.group = opt_given(call, OPT_GROUP) ? (int64_t)opt_number(call, OPT_GROUP, 0) : -1,
		.unused = opt_given(call, OPT_UNUSED),
	};
	if (class && !parse_class(class, ret))
		return msg_usage(call->output, "'%s' is not a class: 2, 4 or 6 hexadecimal digits", class);
	return EXIT_DONE;
}

static bool is_wanted(const struct filter *filter, const struct machine_entry *entry)
{
	const char *driver = *entry->driver ? entry->driver : "none";

	if (filter->driver && strcmp(filter->driver, driver) != 0)
		return false;
	if (filter->group >= 0 && filter->group != entry->group)
		return false;
	return !filter->digits ||
	       (entry->ids.vendor && entry->ids.class >> (24 - 4 * filter->digits) == filter->class);
}

struct listing {
	struct machine_inventory inventory;
	struct list_row *rows;
	size_t count;
	struct pci_names names;
	struct list_members members;
	struct list_holders holders;
	struct list_cells *cells;
};

static int choose_rows(struct listing *listing, const struct filter *filter)
{
	const struct machine_inventory *inventory = &listing->inventory;

	listing->rows = calloc(inventory->count ?: 1, sizeof(*listing->rows));
	if (!listing->rows)
		return -ENOMEM;
	for (size_t i = 0; i < inventory->count; i++)
		if (is_wanted(filter, &inventory->entries[i]))
			listing->rows[listing->count++].entry = &inventory->entries[i];
	return 0;
}

/* What is in use, or may be. */
static void drop_used(struct listing *listing)
{
	size_t n = 0;

	for (size_t i = 0; i < listing->count; i++) {
		struct list_row *row = &listing->rows[i];

		if (row->use && !*row->use)
			listing->rows[n++] = *row;
		else
			free(row->use);
	}
	listing->count = n;
}

/* A list without names is of use as well. */
static int read_names(const struct call *call, struct listing *listing)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < listing->count; i++) {
		const struct machine_ids *ids = &listing->rows[i].entry->ids;

		if (ids->vendor)
			rc = pci_names_want(&listing->names, ids->vendor, ids->device);
	}
	if (rc < 0)
		return rc;
	rc = pci_names_read(&listing->names);
	if (rc == -ELIBACC)
		msg_verbose(call->output, "ids stand for names: there is no libpci.so.3 here (of the package libpci3)");
	else if (rc < 0)
		msg_verbose(call->output, "ids stand for names: libpci cannot read its database");
	return 0;
}

static int read_listing(const struct call *call, const struct filter *filter, struct listing *listing)
{
	unsigned int flags = (opt_given(call, OPT_ALL) ? INVENTORY_ALL : 0) |
			     (call->output->json ? INVENTORY_MORE : 0);
	int rc = machine_inventory_read(&listing->inventory, flags);

	if (rc < 0)
		return rc;
	listing->cells = list_cells_new();
	if (!listing->cells)
		return -ENOMEM;
	rc = choose_rows(listing, filter) ?: list_uses_read(listing->rows, listing->count);
	if (rc == 0 && filter->unused)
		drop_used(listing);
	if (rc == 0 && !opt_given(call, 'n'))
		rc = read_names(call, listing);
	if (rc == 0 && call->output->json)
		rc = list_members_read(&listing->members, listing->rows, listing->count);
	if (rc == 0 && opt_given(call, OPT_HOLDERS))
		rc = list_holders_read(&listing->holders, listing->rows, listing->count);
	return rc;
}

static void print_listing(const struct call *call, const struct listing *listing)
{
	const struct list_table devices = {
		.rows = listing->rows, .count = listing->count, .names = &listing->names,
		.ids_only = opt_given(call, 'n'), .cells = listing->cells,
	};
	struct table tables[LIST_TABLES + 1];

	list_tables(tables, &devices, &listing->members);
	tables[LIST_TABLES] = list_holders_table(&listing->holders);
	print_tables(call->output, tables, LIST_TABLES + (opt_given(call, OPT_HOLDERS) ? 1 : 0));
	list_holders_note(call->output, &listing->holders);
}

static void free_listing(struct listing *listing)
{
	list_uses_free(listing->rows, listing->count);
	free(listing->rows);
	pci_names_free(&listing->names);
	free(listing->members.items);
	free(listing->holders.items);
	free(listing->cells);
	machine_inventory_free(&listing->inventory);
}

/* What to do where nothing is there. It is no failure. */
static void explain_none(const struct call *call)
{
	bool all = opt_given(call, OPT_ALL);

	msg_note(call->output, all ? "nothing here could become a VFIO device" : "no device has a VFIO driver");
	if (!all)
		msg_hint(call->output, PROGRAM " list --all shows which could have one");
	msg_hint(call->output, PROGRAM " doctor tells what is in the way");
}

static int run_list(struct call *call)
{
	struct listing listing = { .count = 0 };
	struct filter filter;
	int rc = read_filter(call, &filter);

	if (rc)
		return rc;
	rc = read_listing(call, &filter, &listing);
	if (rc == 0) {
		print_listing(call, &listing);
		if (!listing.inventory.count)
			explain_none(call);
		sessions_note_wanted(call->output);
	}
	free_listing(&listing);
	return rc < 0 ? msg_fail_errno(call->output, "/sys/class/vfio-dev", rc) : EXIT_DONE;
}

const struct verb verb_list = {
	.name = "list", .summary = "List the VFIO devices, and what can become one",
	.example = PROGRAM " list --all",
	.run = run_list,
	.options = OPTIONS({ "all", OPT_ALL, .help = "Also PCI functions and parents of mdevs that can become one" },
			   { "holders", OPT_HOLDERS, .help = "Also which processes hold them" },
			   { "numeric", 'n', .help = "Ids in the place of names" },
			   { "driver", OPT_DRIVER, { "DRIVER", ARG_TEXT }, "Those of this driver; none: without one" },
			   { "group", OPT_GROUP, { "GROUP", ARG_NUMBER }, "Those of this IOMMU group" },
			   { "class", OPT_CLASS, { "CLASS", ARG_TEXT }, "Those of this PCI class: 02, 0200, 020000" },
			   { "unused", OPT_UNUSED, .help = "Those that the host does not use" }),
};
