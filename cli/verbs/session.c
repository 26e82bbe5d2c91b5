/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session stop, show, restart, take, keep: each has its part in the holder. */
#include "verbs/session.h"
#include <errno.h>
#include <unistd.h>

#include "output/table.h"
#include "session/client.h"
#include "session/handout.h"
#include "session/reexec.h"

enum { OPT_MOVE = OPT_OWN };

static bool next_self(const void *arg, size_t *cursor, struct value *row)
{
	const struct holder *h = arg;

	if ((*cursor)++)
		return false;
	row[0].text = h->name;
	row[1].number = (uint64_t)getpid();
	row[2].number = h->n_clients;
	row[3].number = h->ctx.devices.count;
	row[4].number = context_count_ioas(&h->ctx);
	row[5].number = h->ctx.memories.count;
	row[6].text = h->rlimit_mode;
	row[7].text = h->ctx.gives_back ? "unbind" : "keep";
	row[8].text = fdstore_state(&h->store);
	return true;
}

/* What a crash would lose although there is a service manager to keep it. */
static bool next_not_stored(const void *arg, size_t *cursor, struct value *row)
{
	static const char *const types[] = { [OBJECT_DEVICE] = "device", [OBJECT_MEMORY] = "memory" };
	const struct holder *h = arg;
	const struct object *object;

	do
		object = fdstore_exists(&h->store) ? object_next(&h->ctx, cursor) : NULL;
	while (object && (!object->to_store || fdstore_has(&h->store, object)));
	if (!object)
		return false;
	row[0] = number_if(object->id, object->id);
	row[1].text = object->name;
	if (object->type == OBJECT_DEVICE)
		row[1].text = device_name((const struct device *)object);
	row[2].text = object->type <= OBJECT_MEMORY ? types[object->type] : "queue";
	return true;
}

static int show_in_holder(struct call *call)
{
	static const struct column columns[] = {
		{ "session", "SESSION", COLUMN_TEXT }, { "pid", "PID", COLUMN_NUMBER },
		{ "clients", "CLIENTS", COLUMN_NUMBER }, { "devices", "DEVICES", COLUMN_NUMBER },
		{ "ioas", "IOAS", COLUMN_NUMBER }, { "memories", "MEMORIES", COLUMN_NUMBER },
		{ "rlimit_mode", "RLIMIT-MODE", COLUMN_TEXT }, { "on_request", "ON-REQUEST", COLUMN_TEXT },
		{ "fd_store", "FD-STORE", COLUMN_TEXT },
	};
	static const struct column not_stored[] = {
		{ "id", "ID", COLUMN_NUMBER }, { "name", "NOT-STORED", COLUMN_TEXT },
		{ "type", "TYPE", COLUMN_TEXT },
	};
	struct holder *h = call->request->holder;
	const struct table tables[] = {
		{ "sessions", ROWS(columns, next_self, h) },
		{ "not_stored", ROWS(not_stored, next_not_stored, h) },
	};

	fdstore_check(&h->store);
	return print_tables(call->output, tables, ARRAY_SIZE(tables));
}

/* A device that a stop would take away from whoever prepared it, or NULL. */
static const struct device *any_bound(const struct context *ctx)
{
	for (size_t i = 0; i < ctx->devices.count; i++)
		if (device_at(ctx, i)->object.id && !device_at(ctx, i)->detached_by_user)
			return device_at(ctx, i);
	return NULL;
}

static int stop_in_holder(struct call *call)
{
	struct holder *h = call->request->holder;
	const struct device *device = any_bound(&h->ctx);

	if (device && !opt_given(call, OPT_FORCE)) {
		msg_fail(call->output, h->name, "%s is %s, and would be released (EBUSY)", device_name(device),
			 device->attachment == ATTACHED ? "attached" : "bound");
		msg_hint(call->output, PROGRAM " unbind %s, or " PROGRAM " session stop --force %s",
			 device_name(device), h->name);
		return EXIT_FAILED;
	}
	h->stopping = h->forgetting = true;
	return print_nothing(call->output);
}

/* A session that stops keeps its clients' connections until all else is released. */
static int stop_in_client(struct call *call)
{
	const char *name = session_of(call);
	int rc, fd = session_connect(call, name, &rc);
	ssize_t n = 1;
	char end;

	if (fd < 0)
		return rc;
	rc = session_send(call, name, fd);
	while (rc == EXIT_DONE && (n > 0 || (n < 0 && errno == EINTR)))
		n = read(fd, &end, 1);
	close(fd);
	return rc;
}

/* What others have begun is done first. */
static int restart_in_holder(struct call *call)
{
	struct progress *progress = call->request->progress;

	progress->waits = true;
	if (jobs_are_busy(&call->request->holder->jobs) && !progress->given_up)
		return EXIT_PAUSED;
	if (progress->given_up)
		return EXIT_FAILED;
	return holder_reexec(call->request->holder, call->output, call->request->client);
}

static int refuse_in_client(struct call *call)
{
	msg_fail(call->output, NULL, "this is for programs that speak to a session");
	msg_hint(call->output, "libiommufd(3); a command is given fds by 'session exec'");
	return EXIT_USAGE;
}

static int take_in_holder(struct call *call)
{
	struct outgoing out[IOMMUFD_SESSION_FDS];
	int rc = EXIT_DONE;

	if ((size_t)call->n_args > ARRAY_SIZE(out))
		return msg_usage(call->output, "more than %zu fds", ARRAY_SIZE(out));
	for (int i = 0; i < call->n_args && !rc; i++)
		rc = handout_find(call, call_arg(call, i), &out[i]);
	return rc ?: handout_send(call, out, (size_t)call->n_args,
				  opt_given(call, OPT_MOVE) ? HANDOUT_MOVE : HANDOUT_SHARE) ?:
	       print_nothing(call->output);
}

/* What was taken with --move stays after all. */
static int keep_in_holder(struct call *call)
{
	call->request->client->n_moving = 0;
	return print_nothing(call->output);
}

static int confirm_in_holder(struct call *call)
{
	handout_confirm(call->request->holder, call->request->client);
	return print_nothing(call->output);
}

#define NAME_ARGUMENT { { "NAME", ARG_SESSION, ARG_OPTIONAL } }

const struct verb verb_session_stop = {
	.name = "session stop", .summary = "End it, and release what it holds",
	.example = PROGRAM " session stop lab",
	.args = NAME_ARGUMENT,
	.options = OPTIONS({ "force", OPT_FORCE, .help = "Also while devices are bound" }),
	.needs = NEEDS_SESSION, .client = stop_in_client, .holder = stop_in_holder,
};

const struct verb verb_session_show = {
	.name = "session show", .summary = "Show what a session holds, in numbers",
	.example = PROGRAM " session show",
	.args = NAME_ARGUMENT,
	.needs = NEEDS_SESSION, .holder = show_in_holder,
};

const struct verb verb_session_restart = {
	.name = "session restart", .summary = "Go on as the installed program, keep all",
	.example = PROGRAM " session restart",
	.details = "For an upgrade: no device is unbound, no DMA is interrupted.", .args = NAME_ARGUMENT,
	.needs = NEEDS_SESSION, .holder = restart_in_holder, .go_on = restart_in_holder,
};

const struct verb verb_session_take = {
	.name = "session take", .summary = "Have fds sent (for programs)",
	.example = PROGRAM " session take --move nic",
	.args = { { "REF", ARG_ID, ARG_REPEATS } },
	.options = OPTIONS({ "move", OPT_MOVE, .help = "The devices leave, once that is confirmed" }),
	.needs = NEEDS_SESSION, .client = refuse_in_client, .holder = take_in_holder,
};

const struct verb verb_session_confirm = {
	.name = "session confirm", .summary = "Confirm take --move (for programs)",
	.example = PROGRAM " session confirm",
	.details = "The devices leave when the connection ends; without it they stay.",
	.needs = NEEDS_SESSION, .client = refuse_in_client, .holder = confirm_in_holder,
};

const struct verb verb_session_keep = {
	.name = "session keep", .summary = "Undo take --move (for programs)",
	.example = PROGRAM " session keep",
	.needs = NEEDS_SESSION,
	.client = refuse_in_client, .holder = keep_in_holder,
};
