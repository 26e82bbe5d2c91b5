/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session stop, show, list, restart, take, keep: seen from the client's side and from the holder's. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "options.h"
#include "session.h"
#include "verbs.h"

static const char *name_of(const struct call *call)
{
	const char *name = call->n_args ? call->args[0] : session_named(call);

	return name ? name : DEFAULT_SESSION;
}

/* What session list knows of one. */
struct listed {
	char name[NAME_LENGTH + 1];
	pid_t pid; /* 0: it does not answer */
};

struct sessions {
	struct listed *items;
	size_t count;
};

/* 0: it does not answer, -errno: nobody knows. */
static pid_t holder_of(const char *name)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);
	int fd, rc = iommufd_session_connect(name, &fd);

	if (rc < 0)
		return is_lack(rc) ? rc : 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		peer.pid = 0;
	close(fd);
	return peer.pid;
}

static int add_session(struct sessions *sessions, const char *name)
{
	struct listed *grown = reallocarray(sessions->items, sessions->count + 1, sizeof(*grown));
	pid_t pid;

	if (!grown)
		return -ENOMEM;
	sessions->items = grown;
	pid = holder_of(name);
	if (pid < 0)
		return pid;
	grown += sessions->count++;
	strcpy(grown->name, name);
	grown->pid = pid;
	return 0;
}

/* All of them, before anything is printed. EXIT_DONE, an exit code with its message, or -errno. */
static int find_sessions(const struct call *call, struct sessions *sessions)
{
	int fd = place_open(call, false), rc = EXIT_DONE;
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return errno == ENOENT ? EXIT_DONE : EXIT_FAILED;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (rc == EXIT_DONE && (entry = readdir(dir)))
		if (is_session_name(entry->d_name))
			rc = add_session(sessions, entry->d_name);
	closedir(dir);
	return rc;
}

static bool next_session(const void *arg, size_t *cursor, struct value *row)
{
	const struct sessions *sessions = arg;
	const struct listed *session;

	if (*cursor == sessions->count)
		return false;
	session = &sessions->items[(*cursor)++];
	row[0].text = session->name;
	row[1].text = session->pid ? "running" : "dead";
	row[2] = (struct value){ .number = (uint64_t)session->pid, .none = !session->pid };
	return true;
}

int verb_session_list(struct call *call)
{
	static const struct column columns[] = {
		{ "session", "SESSION", COLUMN_TEXT },
		{ "state", "STATE", COLUMN_TEXT },
		{ "pid", "PID", COLUMN_NUMBER },
	};
	struct sessions sessions = { 0 };
	struct table table = { "sessions", columns, ARRAY_SIZE(columns), next_session, &sessions, true, 0 };
	int rc = find_sessions(call, &sessions);

	if (rc == EXIT_DONE)
		rc = print_tables(call->output, &table, 1);
	else if (rc < 0)
		rc = msg_fail_errno(call->output, NULL, rc);
	free(sessions.items);
	return rc;
}

bool hint_running(const struct call *call, const char *what)
{
	struct sessions sessions = { 0 };
	struct buffer names = { .fd = -1 };
	bool any = false;

	if (find_sessions(call, &sessions) == EXIT_DONE) {
		for (size_t i = 0; i < sessions.count; i++)
			if (sessions.items[i].pid) {
				buf_str(&names, names.len ? ", " : "");
				buf_str(&names, sessions.items[i].name);
			}
		any = names.len > 0;
		buf_char(&names, '\0');
		if (any && !names.error)
			msg_hint(call->output, "%s: %s", what, names.buf);
	}
	free(names.buf);
	free(sessions.items);
	return any;
}

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
	return true;
}

int verb_session_show(struct call *call)
{
	static const struct column columns[] = {
		{ "session", "SESSION", COLUMN_TEXT },	 { "pid", "PID", COLUMN_NUMBER },
		{ "clients", "CLIENTS", COLUMN_NUMBER }, { "devices", "DEVICES", COLUMN_NUMBER },
		{ "ioas", "IOAS", COLUMN_NUMBER },	 { "memories", "MEMORIES", COLUMN_NUMBER },
		{ "rlimit_mode", "RLIMIT-MODE", COLUMN_TEXT },
	};
	struct table table = { "sessions", columns, ARRAY_SIZE(columns), next_self, call->from->holder,
			      true, 0 };

	if (!call->from->holder)
		return session_forward(call, name_of(call));
	return print_tables(call->output, &table, 1);
}

/* A device that a stop would take away from whoever prepared it, or NULL. */
static const struct device *any_bound(const struct context *ctx)
{
	for (size_t i = 0; i < ctx->devices.count; i++)
		if (device_at(ctx, i)->object.id && !device_at(ctx, i)->let_go)
			return device_at(ctx, i);
	return NULL;
}

/* A session that stops keeps its clients' connections until all else is released. */
static int stop_and_wait(struct call *call, const char *name)
{
	int fd = session_connect(call, name), rc;
	ssize_t n = 1;
	char end;

	if (fd < 0)
		return is_session_name(name) ? EXIT_FAILED : EXIT_USAGE;
	rc = session_send(call, name, fd);
	while (rc == EXIT_DONE && (n > 0 || (n < 0 && errno == EINTR)))
		n = read(fd, &end, 1);
	close(fd);
	return rc;
}

int verb_session_stop(struct call *call)
{
	struct holder *h = call->from->holder;
	const struct device *device;
	const char *name;

	if (!h)
		return stop_and_wait(call, name_of(call));
	device = any_bound(&h->ctx);
	if (device && !option(call, OPT_FORCE)) {
		name = device_name(device);
		msg_fail(call->output, h->name, "%s is %s, and would be released (EBUSY)", name,
		     device->attachment == ATTACHED ? "attached" : "bound");
		msg_hint(call->output, PROGRAM " unbind %s, or session stop --force", name);
		return EXIT_FAILED;
	}
	h->stopping = h->forgetting = true;
	return print_nothing(call->output);
}

int verb_session_restart(struct call *call)
{
	struct holder *h = call->from->holder;

	return h ? holder_restart(h, call, call->from->client) : session_forward(call, name_of(call));
}

static int refuse_direct(const struct call *call)
{
	msg_fail(call->output, NULL, "this is for programs that speak to a session");
	msg_hint(call->output, "libiommufd(3); a command is given fds by " PROGRAM " session exec");
	return EXIT_USAGE;
}

/* The fds of what is named go with the answer. move: the devices leave when the connection ends. */
int session_hand_out(struct call *call, bool move)
{
	struct holder *h = call->from->holder;
	int rc = EXIT_DONE;

	if ((size_t)call->n_args > ARRAY_SIZE(h->fds))
		return msg_usage(call->output, "more than %zu fds", ARRAY_SIZE(h->fds));
	for (int i = 0; i < call->n_args && rc == EXIT_DONE; i++)
		rc = context_fd(call, call->args[i], &h->fds[i]);
	if (rc != EXIT_DONE)
		return rc;
	h->n_fds = (size_t)call->n_args;
	call->from->client->n_moving = 0;
	for (int i = 0; i < call->n_args && move; i++) {
		struct device *device = device_find(call, call->args[i]);

		if (device)
			call->from->client->moving[call->from->client->n_moving++] = device;
	}
	return print_nothing(call->output);
}

int verb_session_take(struct call *call)
{
	return call->from->holder ? session_hand_out(call, option(call, OPT_MOVE)) : refuse_direct(call);
}

/* What was taken with --move stays after all. */
int verb_session_keep(struct call *call)
{
	if (!call->from->holder)
		return refuse_direct(call);
	call->from->client->n_moving = 0;
	return print_nothing(call->output);
}
