/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes hold the devices of a list, and how. */
#ifndef CLI_VERBS_LIST_HOLDERS_H
#define CLI_VERBS_LIST_HOLDERS_H

#include "machine/users.h"
#include "verbs/list-table.h"

struct list_holder {
	const struct machine_entry *entry; /* the device that it holds */
	struct machine_user user;
};

struct list_holders {
	struct list_holder *items;
	size_t count, room;
	bool more;   /* than were looked for */
	bool unseen; /* processes of others: what they hold may not be seen */
};

/* 0, or -ENOMEM. */
int list_holders_read(struct list_holders *ret, const struct list_row *rows, size_t count);
struct table list_holders_table(const struct list_holders *holders);
/* What is missing in it, and why. */
void list_holders_note(const struct output *output, const struct list_holders *holders);

#endif
