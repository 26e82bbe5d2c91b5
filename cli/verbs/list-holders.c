/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/list-holders.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/process.h"

enum { MOST_MS = 10000 };

static int add_holder(struct list_holders *holders, const struct machine_entry *entry,
		      const struct machine_user *user)
{
	if (holders->count == holders->room) {
		size_t room = holders->room ? 2 * holders->room : 16;
		void *grown = reallocarray(holders->items, room, sizeof(*holders->items));

		if (!grown)
			return -ENOMEM;
		holders->items = grown;
		holders->room = room;
	}
	holders->items[holders->count++] = (struct list_holder){ entry, *user };
	return 0;
}

static int add_holders_of(struct list_holders *holders, const struct machine_entry *entry,
		       const struct machine_held *held)
{
	struct machine_device device;
	struct machine_users users;
	int rc = 0;

	if (!machine_device_on(entry->bus, entry->address, &device))
		return 0;
	machine_users_of_device(held, &device, &users);
	holders->more |= users.more;
	holders->unseen |= users.unseen;
	for (size_t i = 0; rc == 0 && i < users.count; i++)
		rc = add_holder(holders, entry, &users.items[i]);
	return rc;
}

int list_holders_read(struct list_holders *ret, const struct list_row *rows, size_t count)
{
	struct machine_held held;
	int rc = 0;

	machine_held_read(&held, clock_ms() + MOST_MS);
	*ret = (struct list_holders){ .more = held.more, .unseen = held.unseen };
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = add_holders_of(ret, rows[i].entry, &held);
	machine_held_free(&held);
	return rc;
}

static const char *how_text(enum machine_hold how)
{
	static const char texts[][8] = {
		[HOLD_CDEV] = "open", [HOLD_DELETED] = "deleted", [HOLD_MAPPING] = "mapped",
		[HOLD_GROUP] = "group", [HOLD_NODE] = "node", [HOLD_PERHAPS] = "perhaps",
	};

	return texts[how];
}

static const struct column holder_columns[] = {
	{ "device", "DEVICE", COLUMN_TEXT }, { "address", "ADDRESS", COLUMN_TEXT },
	{ "pid", "PID", COLUMN_NUMBER },     { "command", "COMMAND", COLUMN_TEXT },
	{ "how", "HOW", COLUMN_TEXT },	     { "session", "SESSION", COLUMN_TEXT },
	{ "path", "PATH", COLUMN_TEXT },
};

static bool next_holder(const void *arg, size_t *cursor, struct value *row)
{
	const struct list_holders *holders = arg;
	const struct list_holder *item = &holders->items[*cursor];

	if (*cursor == holders->count)
		return false;
	row[0].text = *item->entry->name ? item->entry->name : NULL;
	row[1].text = item->entry->address;
	row[2].number = (uint64_t)item->user.pid;
	row[3].text = *item->user.command ? item->user.command : NULL;
	row[4].text = how_text(item->user.how);
	row[5].text = *item->user.session ? item->user.session : NULL;
	row[6].text = *item->user.path ? item->user.path : NULL;
	++*cursor;
	return true;
}

struct table list_holders_table(const struct list_holders *holders)
{
	return (struct table){ "holders", ROWS(holder_columns, next_holder, holders) };
}

void list_holders_note(const struct output *output, const struct list_holders *holders)
{
	if (holders->unseen)
		msg_note(output, "what processes of other users hold is only shown to root");
	if (holders->more)
		msg_note(output, "not all who hold devices are shown");
}
