/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/claim-show.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "claim/place.h"
#include "machine/files.h"
#include "output/table.h"

/* ---- devices ---- */

struct device_rows {
	const struct targets *targets;
	struct machine_device now; /* of the row that is being printed */
	char cdev[32];
};

static bool next_claimed(const void *arg, size_t *cursor, struct value *row)
{
	struct device_rows *rows = (struct device_rows *)arg;
	const struct target *target;

	if (*cursor >= rows->targets->count)
		return false;
	target = &rows->targets->items[(*cursor)++];
	row[0].text = target->device.address;
	row[1].text = row[2].text = NULL;
	/* What is read of a device that is being unbound waits for that. */
	if (target->is_waited || !machine_device_on(target->device.bus, target->device.address, &rows->now))
		return true;
	row[1].text = machine_cdev(&rows->now, rows->cdev, sizeof(rows->cdev)) ? rows->cdev : NULL;
	row[2].text = *rows->now.driver ? rows->now.driver : NULL;
	return true;
}

int targets_print(const struct call *call, const struct targets *targets)
{
	static const struct column columns[] = {
		{ "address", "ADDRESS", COLUMN_TEXT }, { "device", "DEVICE", COLUMN_TEXT },
		{ "driver", "DRIVER", COLUMN_TEXT },
	};
	struct device_rows rows = { .targets = targets };
	const struct table table = { "devices", ROWS(columns, next_claimed, &rows), .always = true };

	return print_changes(call->output, targets->changed, &table, 1);
}

/* ---- steps ---- */

struct step_rows {
	const struct targets *targets;
	char path[PATH_MAX], text[96]; /* of the row that is being printed */
};

static const struct step *find_step(const struct targets *targets, size_t at, const struct target **ret)
{
	for (size_t i = 0; i < targets->count; i++) {
		const struct steps *steps = &targets->items[i].steps;

		*ret = &targets->items[i];
		if (at < steps->count)
			return &steps->items[at];
		at -= steps->count;
	}
	return NULL;
}

/* "1000:36 660"; "-": as it is. */
static void describe_rights(const struct node_rights *rights, char *buf, size_t len)
{
	char owner[16] = "-", group[16] = "-", mode[16] = "-";

	if (rights->owner != (uid_t)-1)
		snprintf(owner, sizeof(owner), "%u", rights->owner);
	if (rights->group != (gid_t)-1)
		snprintf(group, sizeof(group), "%u", rights->group);
	if (rights->mode != (mode_t)-1)
		snprintf(mode, sizeof(mode), "%03o", rights->mode);
	snprintf(buf, len, "%s:%s %s", owner, group, mode);
}

/* A claim knows only by then what its cdev will be called. */
static void describe_node(struct step_rows *rows, const struct target *target)
{
	const struct claim *claim = &target->claim;
	const struct node_rights before = { claim->owner, claim->group, claim->mode };
	char cdev[32] = "vfioN";

	if (strcmp(target->device.driver, rows->targets->is_release ? claim->driver : claim->claimed) == 0)
		machine_cdev(&target->device, cdev, sizeof(cdev));
	node_path(*cdev ? cdev : "vfioN", rows->path, sizeof(rows->path));
	describe_rights(rows->targets->is_release ? &before : &rows->targets->rights, rows->text,
			sizeof(rows->text));
}

/* false: nothing that can be seen is done. */
static bool describe_step(struct step_rows *rows, const struct target *target, const struct step *step)
{
	snprintf(rows->text, sizeof(rows->text), "%s", step->text);
	*rows->path = '\0';
	switch (step->kind) {
	case STEP_LOAD:
		return true;
	case STEP_WRITE:
		machine_path(IN_SYS, rows->path, sizeof(rows->path), "%s", step->path);
		return true;
	case STEP_RECORD:
	case STEP_FORGET:
		claims_path(rows->path, sizeof(rows->path), step->path);
		return true;
	case STEP_NODE:
		describe_node(rows, target);
		return true;
	default:
		return false;
	}
}

static const char *step_word(enum step_kind kind)
{
	switch (kind) {
	case STEP_LOAD:
		return "load";
	case STEP_RECORD:
		return "record";
	case STEP_FORGET:
		return "remove";
	case STEP_NODE:
		return "give";
	default:
		return "write";
	}
}

static bool next_step(const void *arg, size_t *cursor, struct value *row)
{
	struct step_rows *rows = (struct step_rows *)arg;
	const struct target *target;
	const struct step *step;

	while ((step = find_step(rows->targets, (*cursor)++, &target))) {
		if (!describe_step(rows, target, step))
			continue;
		row[0].text = target->device.address;
		row[1].text = step_word(step->kind);
		row[2].text = *rows->path ? rows->path : NULL;
		row[3].text = *rows->text ? rows->text : NULL;
		return true;
	}
	return false;
}

int targets_print_steps(const struct call *call, const struct targets *targets)
{
	static const struct column columns[] = {
		{ "address", "ADDRESS", COLUMN_TEXT }, { "step", "STEP", COLUMN_TEXT },
		{ "path", "PATH", COLUMN_TEXT }, { "text", "TEXT", COLUMN_TEXT },
	};
	struct step_rows rows = { .targets = targets };
	const struct table table = { "steps", ROWS(columns, next_step, &rows), .always = true };
	const struct target *target;

	return print_changes(call->output, find_step(targets, 0, &target), &table, 1);
}
