/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session list: those of this user. */
#include "verbs/session-list.h"
#include <stdlib.h>

#include "output/table.h"
#include "session/socket.h"

static bool next_session(const void *arg, size_t *cursor, struct value *row)
{
	static const char *const states[] = {
		[SESSION_DEAD] = "dead", [SESSION_RUNNING] = "running", [SESSION_BUSY] = "busy",
	};
	const struct session_list *list = arg;
	const struct session_entry *session;

	if (*cursor == list->count)
		return false;
	session = &list->items[(*cursor)++];
	row[0].text = session->name;
	row[1].text = states[session->state];
	row[2] = number_if(session->pid, (uint64_t)session->pid);
	return true;
}

static int run_session_list(struct call *call)
{
	static const struct column columns[] = {
		{ "session", "SESSION", COLUMN_TEXT }, { "state", "STATE", COLUMN_TEXT },
		{ "pid", "PID", COLUMN_NUMBER },
	};
	struct session_list list;
	int rc = session_find_all(call->output, &list) ?:
		 print_table(call->output, "sessions", ROWS(columns, next_session, &list));

	free(list.items);
	return rc;
}

const struct verb verb_session_list = {
	.name = "session list", .summary = "List the sessions",
	.example = PROGRAM " session list",
	.run = run_session_list,
};
