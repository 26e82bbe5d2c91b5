/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show: what a context holds. */
#include "verbs/show.h"
#include <stdlib.h>
#include <string.h>

#include "context/device.h"
#include "context/ioas.h"
#include "context/memory.h"
#include "context/taker.h"
#include "resolve/arguments.h"
#include "resolve/iommufd.h"
#include "resolve/object.h"
#include "verbs/inventory.h"
#include "verbs/memory-table.h"
#include "util/process.h"
#include "verbs/show-process.h"

enum { FEW = 16 }; /* free ids in a row */
enum { OPT_PID = OPT_OWN, OPT_WANTED };

static const struct column device_columns[] = {
	{ "id", "ID", COLUMN_NUMBER }, { "name", "NAME", COLUMN_TEXT }, { "device", "DEVICE", COLUMN_TEXT },
	{ "address", "ADDRESS", COLUMN_TEXT }, { "kind", "KIND", COLUMN_TEXT },
	{ "group", "GROUP", COLUMN_NUMBER }, { "state", "STATE", COLUMN_TEXT },
	{ "pt", "PT", COLUMN_NUMBER }, { "asked", "ASKED-PT", COLUMN_NUMBER },
};
static const struct column pasid_columns[] = {
	{ "device", "DEVICE", COLUMN_TEXT }, { "pasid", "PASID", COLUMN_NUMBER },
	{ "pt", "PT", COLUMN_NUMBER }, { "asked", "ASKED-PT", COLUMN_NUMBER },
};
static const struct column ioas_columns[] = {
	{ "id", "IOAS", COLUMN_NUMBER }, { "name", "NAME", COLUMN_TEXT },
	{ "mappings", "MAPPINGS", COLUMN_NUMBER },
};
static const struct column hwpt_columns[] = {
	{ "id", "HWPT", COLUMN_NUMBER }, { "ioas", "IOAS", COLUMN_NUMBER }, { "name", "NAME", COLUMN_TEXT },
	{ "parent", "PARENT", COLUMN_NUMBER }, { "device", "DEVICE", COLUMN_NUMBER },
	{ "flags", "FLAGS", COLUMN_FLAGS }, { "queue", "FAULT-QUEUE", COLUMN_NUMBER },
};
static const struct column object_columns[] = {
	{ "id", "ID", COLUMN_NUMBER }, { "name", "NAME", COLUMN_TEXT }, { "type", "TYPE", COLUMN_TEXT },
	{ "parent", "PARENT", COLUMN_NUMBER }, { "device", "DEVICE", COLUMN_NUMBER },
	{ "kind", "KIND", COLUMN_NUMBER },
};
static const struct column foreign_columns[] = {
	{ "count", "FOREIGN", COLUMN_NUMBER }, { "type", "TYPE", COLUMN_TEXT },
};
static const struct column mapping_columns[] = {
	{ "ioas", "IOAS", COLUMN_NUMBER }, { "iova", "IOVA", COLUMN_HEX },
	{ "length", "LENGTH", COLUMN_NUMBER }, { "memory", "MEMORY", COLUMN_TEXT },
	{ "offset", "OFFSET", COLUMN_NUMBER }, { "access", "ACCESS", COLUMN_LETTERS },
};

static const struct column handed_columns[] = {
	{ "device", "HANDED", COLUMN_TEXT }, { "name", "NAME", COLUMN_TEXT },
	{ "address", "ADDRESS", COLUMN_TEXT }, { "group", "GROUP", COLUMN_NUMBER },
	{ "pt", "PT", COLUMN_NUMBER }, { "shared", "SHARED", COLUMN_TEXT },
	{ "pid", "PID", COLUMN_NUMBER }, { "command", "COMMAND", COLUMN_TEXT },
};
static const struct column wanted_columns[] = {
	{ "device", "WAITED-FOR", COLUMN_TEXT }, { "address", "ADDRESS", COLUMN_TEXT },
	{ "name", "UNBIND-IT-AS", COLUMN_TEXT },
};

/* What to show: everything, or one object by what its row has in front. */
struct view {
	const struct context *ctx;
	const struct object *only; /* NULL: all */
	struct inventory others; /* what they have made in it ... */
	bool lists_others;	 /* ... is listed, and not counted alone */
	char command[PROCESS_NAME]; /* of the row that is being printed */
};

static bool is_shown(const struct view *view, const struct object *object)
{
	return !view->only || view->only == object;
}

/* The next object of the list that is shown and of one of the types (a mask), or NULL; *i goes behind it. */
static const void *next_shown(const struct view *view, const struct object_list *list, unsigned int types,
			      size_t *i)
{
	while (*i < list->count) {
		const struct object *object = list->items[(*i)++];

		if (object && types & 1U << object->type && is_shown(view, object))
			return object;
	}
	return NULL;
}

static struct value id_or_none(uint32_t id)
{
	return number_if(id, id);
}

static const char *state_name(const struct device *device)
{
	if (device->attachment != ATTACHMENT_UNKNOWN)
		return device->attachment == ATTACHED ? "attached" : "detached";
	return device->borrowed ? "unknown" : "unbound";
}

static bool next_device(const void *arg, size_t *cursor, struct value *row)
{
	const struct view *view = arg;
	const struct device *device = next_shown(view, &view->ctx->devices, TYPE(DEVICE), cursor);
	bool attached;

	if (!device)
		return false;
	attached = device->attachment == ATTACHED;
	row[0] = id_or_none(device->object.id);
	row[1].text = device->object.name;
	row[2].text = device->info.name;
	row[3].text = *device->info.address ? device->info.address : NULL;
	row[4].text = device_kind_name(device->info.kind);
	row[5] = number_if(device->info.group >= 0, (uint64_t)device->info.group);
	row[6].text = state_name(device);
	row[7] = number_if(attached, device->pt);
	row[8] = number_if(attached, device->requested_pt);
	return true;
}

/* The cursor holds the device in its upper half, the PASID of it in its lower. */
static bool next_pasid(const void *arg, size_t *cursor, struct value *row)
{
	const struct view *view = arg;
	size_t at = *cursor >> 32, i = *cursor & UINT32_MAX;

	for (; at < view->ctx->devices.count; at++, i = 0) {
		const struct device *device = device_at(view->ctx, at);

		if (!is_shown(view, &device->object) || i == device->n_pasids)
			continue;
		row[0].text = device->info.name;
		row[1].number = device->pasids[i].number;
		row[2].number = device->pasids[i].pt;
		row[3].number = device->pasids[i].requested_pt;
		*cursor = at << 32 | (i + 1);
		return true;
	}
	return false;
}

static bool next_ioas(const void *arg, size_t *cursor, struct value *row)
{
	const struct view *view = arg;
	const struct ioas *ioas = next_shown(view, &view->ctx->ids, TYPE(IOAS), cursor);

	if (!ioas)
		return false;
	row[0].number = ioas->object.id;
	row[1].text = ioas->object.name;
	row[2].number = ioas->mappings.count;
	return true;
}

/* A shown device on a HWPT that the kernel made for it: it asked for an IOAS. */
static bool has_auto_hwpt(const struct view *view, const struct device *device)
{
	return is_shown(view, &device->object) && device->attachment == ATTACHED &&
	       device->pt != device->requested_pt;
}

/* Several devices may sit on one: there is one row for each of these HWPTs. */
static bool is_first_of_hwpt(const struct view *view, size_t at)
{
	const struct device *device = device_at(view->ctx, at);

	if (!has_auto_hwpt(view, device))
		return false;
	for (size_t i = 0; i < at; i++)
		if (has_auto_hwpt(view, device_at(view->ctx, i)) && device_at(view->ctx, i)->pt == device->pt)
			return false;
	return true;
}

/* IOMMUFD_HWPT_* from bit 0 on, and one of our own. */
static const char *const hwpt_flags[] = { "nest-parent", "dirty", "fault", "pasid", "auto", NULL };
enum { HWPT_AUTO = 1 << 4 };

static bool next_auto_hwpt(const struct view *view, size_t *cursor, struct value *row)
{
	while (*cursor < view->ctx->devices.count) {
		size_t at = (*cursor)++;

		if (!is_first_of_hwpt(view, at))
			continue;
		row[0].number = device_at(view->ctx, at)->pt;
		row[1] = id_or_none(device_at(view->ctx, at)->requested_pt);
		row[2].text = NULL;
		row[3].none = row[4].none = row[6].none = true;
		row[5] = (struct value){ .number = HWPT_AUTO, .names = hwpt_flags };
		return true;
	}
	return false;
}

/* First those that the kernel made for devices, then those that were allocated. */
static bool next_hwpt(const void *arg, size_t *cursor, struct value *row)
{
	const struct view *view = arg;
	size_t devices = view->ctx->devices.count, id;
	const struct derived *derived;

	if (next_auto_hwpt(view, cursor, row))
		return true;
	id = *cursor - devices;
	derived = next_shown(view, &view->ctx->ids, TYPE(HWPT), &id);
	if (!derived)
		return false;
	*cursor = devices + id;
	row[0].number = derived->object.id;
	row[1] = id_or_none(ioas_by_id(view->ctx, derived->parent) ? derived->parent : 0);
	row[2].text = derived->object.name;
	row[3] = id_or_none(derived->parent);
	row[4] = id_or_none(derived->device);
	row[5] = (struct value){ NULL, derived->flags, !(derived->flags & 15), hwpt_flags };
	row[6] = id_or_none(derived->queue);
	return true;
}

/* Of struct derived, but HWPTs, which have a table of their own. */
enum { OTHER_TYPES = TYPE(FAULT) | TYPE(VIOMMU) | TYPE(VDEVICE) | TYPE(VEVENTQ) | TYPE(HW_QUEUE) };

/* Behind the ids: what the context did not make. */
static bool next_other(const struct view *view, size_t *cursor, struct value *row)
{
	size_t at = *cursor - view->ctx->ids.count;

	if (!view->lists_others || at == view->others.count)
		return false;
	++*cursor;
	row[0].number = view->others.items[at].id;
	row[1].text = NULL;
	row[2].text = inventory_type_name(view->others.items[at].type);
	row[3].none = row[4].none = row[5].none = true;
	return true;
}

static bool next_object(const void *arg, size_t *cursor, struct value *row)
{
	const struct view *view = arg;
	const struct derived *derived = next_shown(view, &view->ctx->ids, OTHER_TYPES, cursor);

	if (!derived)
		return next_other(view, cursor, row);
	row[0].number = derived->object.id;
	row[1].text = derived->object.name;
	row[2].text = strchr(object_type_name(derived->object.type), ' ') + 1;
	row[3] = id_or_none(derived->parent);
	row[4] = id_or_none(derived->device);
	row[5] = id_or_none(derived->kind);
	return true;
}

/* How many there are of each type. Of an inherited iommufd that would be all. */
static bool next_foreign(const void *arg, size_t *cursor, struct value *row)
{
	const struct view *view = arg;
	uint64_t count = 0;

	while (!view->ctx->borrowed && !count && *cursor <= IOMMUFD_OBJECT_VIOMMU) {
		for (size_t i = 0; i < view->others.count; i++)
			count += view->others.items[i].type == *cursor;
		row[0].number = count;
		row[1].text = inventory_type_name((enum iommufd_object_type)(*cursor)++);
	}
	return count;
}

static bool next_shown_memory(const void *arg, size_t *cursor, struct value *row)
{
	const struct view *view = arg;

	while (next_memory(view->ctx, cursor, row))
		if (is_shown(view, view->ctx->memories.items[*cursor - 1]))
			return true;
	return false;
}

/* The cursor holds the IOAS in its upper half, the mapping in its lower. */
static bool next_mapping(const void *arg, size_t *cursor, struct value *row)
{
	static const char *const access[] = { "r", "w", "revoked", NULL };
	size_t id = *cursor >> 32, at = *cursor & UINT32_MAX;
	const struct view *view = arg;
	const struct mapping *mapping;
	const struct ioas *ioas;

	while ((ioas = next_shown(view, &view->ctx->ids, TYPE(IOAS), &id)) && at == ioas->mappings.count)
		at = 0;
	if (!ioas)
		return false;
	mapping = mapping_at(&ioas->mappings, at);
	row[0].number = ioas->object.id;
	row[1].number = mapping->iova;
	row[2].number = mapping->length;
	row[3].text = mapping->memory->object.name;
	row[4].number = mapping->offset;
	row[5] = (struct value){ .names = access };
	row[5].number = mapping->state & MAPPING_REVOKED ? 4 :
			(mapping->flags & IOMMUFD_MAP_READ ? 1 : 0) |
			(mapping->flags & IOMMUFD_MAP_WRITE ? 2 : 0);
	*cursor = (size_t)ioas->object.id << 32 | (at + 1);
	return true;
}

/* What programs have that live, as it was when it left. */
static bool next_handed(const void *arg, size_t *cursor, struct value *row)
{
	struct view *view = (struct view *)arg;
	const struct taker *taker = NULL;

	while (!view->only && !taker && *cursor < view->ctx->n_takers) {
		taker = &view->ctx->takers[(*cursor)++];
		if (!taker_is_alive(taker))
			taker = NULL;
	}
	if (!taker)
		return false;
	process_name(taker->pid, view->command);
	row[0].text = taker->what;
	row[1].text = text_if(taker->name);
	row[2].text = text_if(taker->address);
	row[3] = number_if(taker->group >= 0, (uint64_t)taker->group);
	row[4] = id_or_none(taker->pt);
	row[5].text = yes_no(!taker->moved);
	row[6] = number_if(taker->pid, (uint64_t)taker->pid);
	row[7].text = taker->pid ? view->command : NULL;
	return true;
}

/* The devices whose release the kernel waits for. */
static bool next_wanted(const void *arg, size_t *cursor, struct value *row)
{
	const struct view *view = arg;
	const struct device *device;

	do
		device = next_shown(view, &view->ctx->devices, TYPE(DEVICE), cursor);
	while (device && !device_is_wanted(device));
	if (!device)
		return false;
	row[0].text = device->info.name;
	row[1].text = *device->info.address ? device->info.address : NULL;
	row[2].text = device_name(device);
	return true;
}

static int run_show(struct call *call)
{
	struct view view = { .ctx = call->ctx };
	const struct table wanted = { "wanted", ROWS(wanted_columns, next_wanted, &view) };
	const struct table tables[] = {
		{ "devices", ROWS(device_columns, next_device, &view) },
		wanted,
		{ "pasids", ROWS(pasid_columns, next_pasid, &view) },
		{ "ioas", ROWS(ioas_columns, next_ioas, &view) },
		{ "hwpt", ROWS(hwpt_columns, next_hwpt, &view) },
		{ "objects", ROWS(object_columns, next_object, &view) },
		{ "foreign", ROWS(foreign_columns, next_foreign, &view) },
		{ "handed", ROWS(handed_columns, next_handed, &view) },
		{ "memories", ROWS(memory_columns, next_shown_memory, &view) },
		{ "mappings", ROWS(mapping_columns, next_mapping, &view) },
	};
	int rc = EXIT_DONE;

	if (opt_given(call, OPT_PID))
		return call->n_args ? msg_usage(call->output, "--pid goes with no other object")
				    : show_process(call->output, opt_value(call, OPT_PID));
	if (opt_given(call, OPT_WANTED))
		return print_tables(call->output, &wanted, 1);
	view.lists_others = opt_given(call, OPT_ALL) || call->ctx->borrowed;
	view.others.window = view.lists_others ? 0 : FEW; /* to count them is to take no time */
	if (call->n_args)
		rc = arg_object(call, 0, &view.only);
	else if ((view.lists_others || call->ctx->is_shared) && (rc = need_iommufd(call)) == EXIT_DONE)
		rc = inventory_add(call->output, call->ctx->iommufd, -1, call->ctx, &view.others);
	rc = rc ?: print_tables(call->output, tables, ARRAY_SIZE(tables));
	free(view.others.items);
	return rc;
}

const struct verb verb_show = {
	.name = "show", .summary = "Show what the context holds",
	.example = PROGRAM " show nic",
	.args = { { "REF", ARG_ID, ARG_OPTIONAL } },
	.options = OPTIONS(
		{ "all", OPT_ALL, .help = "Also what others have made in it" },
		{ "wanted", OPT_WANTED, .help = "Only devices whose release the kernel waits for" },
		{ "pid", OPT_PID, { "PID" }, "What the iommufds of this process hold", OPTION_NO_CONTEXT }),
	.needs = NEEDS_CONTEXT, .run = run_show,
};
