/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist/fdstore.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context/device.h"
#include "context/fds.h"
#include "persist/listen.h"
#include "util/number.h"

#define PROBE "probe"

enum {
	WHY_ROOM = 80,
	RETRY_MS = 1000,
	RETRY_SOON_MS = 10, /* it reads again */
	FIRST_PROBE_MS = 100, /* systemd closes what it refuses in a process of its own since 254 */
};

static struct fdstore *store_of(struct journal *journal)
{
	return (struct fdstore *)journal;
}

void fdstore_init(struct fdstore *store)
{
	const char *limit = secure_getenv("FDSTORE");
	uint32_t number;

	*store = (struct fdstore){ .journal.fd = -1, .removals.fd = -1, .dropped.fd = -1, .limit = SIZE_MAX };
	notify_open(&store->notify);
	if (limit && parse_u32(limit, &number))
		store->limit = number;
	store->unproven = true;
}

/* --- to the manager --- */

/* Not watched: a device's cdev or the iommufd would have it removed as soon as it polls as an error. */
static void write_store(char text[static FDNAME_LENGTH + 64], const char *name)
{
	snprintf(text, FDNAME_LENGTH + 64, "FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
}

static void remove_name(struct fdstore *store, const char *name)
{
	char text[FDNAME_LENGTH + 64];

	snprintf(text, sizeof(text), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	if (store->removals.len || !notify_send(&store->notify, text, -1))
		buf_bytes(&store->removals, name, strlen(name) + 1);
}

/* What could not be sent before, in its order. false: some still could not. */
static bool send_removals(struct fdstore *store)
{
	struct buffer due = store->removals;
	char *name = due.buf;

	store->removals = (struct buffer){ .fd = -1 };
	for (; name && name < due.buf + due.len; name += strlen(name) + 1)
		remove_name(store, name);
	free(due.buf);
	return !store->removals.len;
}

/* Was our pipe's other end refused? It has been read by now. */
static bool is_refused(struct fdstore *store, int end)
{
	struct pollfd closed = { .fd = end, .events = 0 };
	bool refused = poll(&closed, 1, store->is_proven ? 0 : FIRST_PROBE_MS) > 0;

	store->is_proven |= !refused;
	return refused;
}

/*
 * Does it take one more? Then what was stored before is there; else it has as many as it takes, since there
 * was room for the last one.
 */
static void probe(struct fdstore *store)
{
	char text[FDNAME_LENGTH + 64];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	write_store(text, PROBE);
	if (notify_send(&store->notify, text, ends[1])) {
		close(ends[1]);
		store->unproven = !notify_wait(&store->notify);
		if (!store->unproven && is_refused(store, ends[0]))
			store->limit = store->count;
		else
			remove_name(store, PROBE);
		if (!store->unproven)
			store->notify.n_read = store->notify.n_sent; /* when it drops that nobody asks */
	} else {
		close(ends[1]);
	}
	close(ends[0]);
}

static bool is_probed(const struct fdstore *store)
{
	return store->limit == SIZE_MAX;
}

/* The number of the message, 0: it is not stored. */
static uint64_t store_fd(struct fdstore *store, const char *name, int fd)
{
	char text[FDNAME_LENGTH + 64];
	uint64_t number;

	if (store->removals.len) /* one of this name may be among them */
		return 0;
	if (is_probed(store) && store->unproven)
		probe(store);
	if (store->count >= store->limit || (is_probed(store) && store->unproven))
		return 0;
	write_store(text, name);
	number = notify_send(&store->notify, text, fd);
	store->count += number != 0;
	store->unproven |= number != 0;
	return number;
}

static void store_object(struct fdstore *store, struct object *object)
{
	char name[FDNAME_LENGTH];

	object_fdname(object, name);
	object->stored = store_fd(store, name, object_fd(object));
}

/* --- what the journal tells --- */

static void keep(struct journal *journal, struct object *object)
{
	struct fdstore *store = store_of(journal);

	store_object(store, object);
	object->to_store = true;
	store->n_missing += !object->stored;
	object_list_add(&store->wanted, object);
}

/* What people call it by. */
static const char *label(const struct object *object, char room[static FDNAME_LENGTH])
{
	if (object->type == OBJECT_DEVICE)
		return device_name((const struct device *)object);
	if (object->name)
		return object->name;
	snprintf(room, FDNAME_LENGTH, object->type == OBJECT_MEMORY ? "the memory of an fd" : "object %u",
		 object->id);
	return room;
}

static bool drop(struct journal *journal, const struct object *object)
{
	struct fdstore *store = store_of(journal);
	char name[FDNAME_LENGTH];

	object_list_remove(&store->wanted, object);
	if (!object->stored) {
		store->n_missing -= object->to_store;
		return false;
	}
	store->count--;
	object_fdname(object, name);
	remove_name(store, name);
	if (object->type == OBJECT_DEVICE)
		buf_format(&store->dropped, "%s%s", store->dropped.len ? ", " : "",
			   ((const struct device *)object)->info.name);
	return !store->notify.stalled;
}

/* --- what is told --- */

static bool is_read(const struct fdstore *store, uint64_t stored)
{
	return stored && stored <= store->notify.n_read && !store->notify.gone;
}

static bool has_own(const struct fdstore *store)
{
	for (size_t i = 0; i < ARRAY_SIZE(store->own); i++)
		if (!is_read(store, store->own[i].stored))
			return false;
	return true;
}

bool fdstore_has(const struct fdstore *store, const struct object *object)
{
	return has_own(store) && is_read(store, object->stored);
}

const char *fdstore_state(const struct fdstore *store)
{
	if (!fdstore_exists(store))
		return NULL;
	if (store->notify.gone)
		return "gone";
	if (store->notify.stalled)
		return "stalled";
	return store->n_missing || !has_own(store) ? "full" : "ok";
}

static const char *why_not(const struct fdstore *store, char room[static WHY_ROOM])
{
	if (store->notify.gone)
		return "is gone";
	if (store->notify.stalled)
		return "does not answer";
	if (!store->limit)
		return "takes no fds (FileDescriptorStoreMax)";
	snprintf(room, WHY_ROOM, "takes no more than %zu fds (FileDescriptorStoreMax)", store->limit);
	return room;
}

/* What this command was to store and drop, and is not. */
static void tell(const struct fdstore *store, const struct output *output)
{
	struct buffer names = { .fd = -1 };
	char room[FDNAME_LENGTH], why[WHY_ROOM];

	for (size_t i = 0; i < store->wanted.count; i++)
		if (!is_read(store, store->wanted.items[i]->stored))
			buf_format(&names, "%s%s", names.len ? ", " : "", label(store->wanted.items[i], room));
	buf_char(&names, '\0');
	if (store->wanted.count && !has_own(store))
		msg_note(output, "a crash of the session would lose all of it: the service manager %s",
			 why_not(store, why));
	else if (names.len > 1 && !names.error)
		msg_note(output, "a crash of the session would lose %s: the service manager %s", names.buf,
			 why_not(store, why));
	if (store->dropped.len && store->notify.stalled)
		msg_note(output, "the service manager does not answer: it has %.*s open until it does",
			 (int)store->dropped.len, store->dropped.buf);
	free(names.buf);
}

static void forget_command(struct fdstore *store)
{
	store->wanted.count = 0;
	store->dropped.len = 0;
	store->dropped.error = 0;
	notify_end(&store->notify);
}

/* --- what it has not taken yet --- */

static void send_missing(struct fdstore *store, const struct context *ctx)
{
	size_t cursor = 0;

	if (!send_removals(store))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(store->own); i++)
		if (!store->own[i].stored)
			store->own[i].stored = store_fd(store, store->own[i].name, store->own[i].fd);
	for (struct object *object; store->n_missing && store->count < store->limit &&
				    !store->notify.stalled && (object = object_next(ctx, &cursor));)
		if (object->to_store && !object->stored && object_fd(object) >= 0) {
			store_object(store, object);
			store->n_missing -= object->stored != 0;
		}
	if (store->ready_due)
		store->ready_due = !notify_send(&store->notify, "READY=1", -1);
}

static void catch_up(struct fdstore *store, const struct context *ctx)
{
	uint64_t sent = store->notify.n_sent, read = store->notify.n_read;

	if (!store->notify.stalled || notify_wait(&store->notify)) {
		send_missing(store, ctx);
		if (is_probed(store) && store->unproven && !store->notify.stalled)
			probe(store);
		notify_wait(&store->notify);
	}
	store->moved = store->notify.n_sent > sent || store->notify.n_read > read;
}

void fdstore_sync(struct fdstore *store, const struct context *ctx, const struct output *output)
{
	if (!fdstore_exists(store))
		return;
	catch_up(store, ctx);
	tell(store, output);
	forget_command(store);
}

int fdstore_retry_in(const struct fdstore *store)
{
	if (!fdstore_exists(store) || store->notify.gone || !store->notify.stalled)
		return -1;
	return store->moved ? RETRY_SOON_MS : RETRY_MS;
}

void fdstore_retry(struct fdstore *store, const struct context *ctx)
{
	catch_up(store, ctx);
	notify_end(&store->notify);
}

/* --- begin and end --- */

/* The names of what the context has. */
struct claims {
	struct kept_fds names;
	bool failed;
};

static void claim(void *arg, const struct object *object, const char *name, int fd)
{
	struct claims *claims = arg;

	(void)object;
	claims->failed |= kept_add(&claims->names, name, strlen(name), fd, true) < 0;
}

static void drop_one(void *store, const char *name)
{
	remove_name(store, name);
}

/*
 * What was given back and no record tells of: the holder was killed after it had stored the fd, or before it
 * had it removed. A device among it would be busy for ever.
 */
static void drop_unclaimed(struct fdstore *store, const struct context *ctx)
{
	struct claims claims = { .failed = false };

	claim(&claims, NULL, IOMMUFD_WORD, ctx->iommufd);
	claim(&claims, NULL, "state", store->journal.fd);
	context_each_fd(ctx, claim, &claims);
	if (!claims.failed)
		listen_drop_rest(&claims.names, drop_one, store);
	kept_free(&claims.names);
}

static void count_objects(struct fdstore *store, const struct context *ctx)
{
	size_t cursor = 0;

	for (const struct object *object; (object = object_next(ctx, &cursor));)
		if (object->to_store && object_fd(object) >= 0) {
			store->count += object->stored != 0;
			store->n_missing += !object->stored;
		}
}

static void name_own(struct fdstore *store, size_t i, const char *name, int fd)
{
	store->own[i].name = name;
	store->own[i].fd = fd;
	store->count += store->own[i].stored != 0;
}

int fdstore_start(struct fdstore *store, struct context *ctx, int listener, const struct output *output)
{
	/* One that was taken over is written anew: what it told may not be what the kernel had. */
	int rc = store->journal.fd < 0 ? journal_open(&store->journal, ctx)
				       : journal_rewrite(&store->journal, ctx);
	char why[WHY_ROOM];

	if (rc < 0)
		return rc;
	drop_unclaimed(store, ctx);
	store->journal.keep = keep;
	store->journal.drop = drop;
	journal_observe(&store->journal, ctx);
	count_objects(store, ctx);
	name_own(store, OWN_IOMMUFD, IOMMUFD_WORD, ctx->iommufd);
	name_own(store, OWN_STATE, "state", store->journal.fd);
	store->own[OWN_SOCKET].stored = 0;
	name_own(store, OWN_SOCKET, "socket", listener);
	remove_name(store, "socket"); /* it may be another one */
	/* It takes none but of its service's main process. What it gave back it has taken. */
	store->is_proven = store->own[OWN_STATE].stored;
	if (!store->is_proven)
		probe(store);
	catch_up(store, ctx);
	if (!has_own(store))
		msg_note(output, "a crash of the session would lose all of it: the service manager %s",
			 why_not(store, why));
	forget_command(store);
	return 0;
}

static void forget_fd(void *arg, const struct object *object, const char *name, int fd)
{
	(void)object, (void)fd;
	remove_name(arg, name);
}

void fdstore_forget_all(struct fdstore *store, struct context *ctx)
{
	if (!fdstore_exists(store))
		return;
	context_each_fd(ctx, forget_fd, store);
	for (size_t i = 0; i < ARRAY_SIZE(store->own); i++)
		remove_name(store, store->own[i].name);
	notify_wait(&store->notify);
}

void fdstore_ready(struct fdstore *store)
{
	if (fdstore_exists(store))
		store->ready_due = !notify_send(&store->notify, "READY=1", -1);
}
