/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist/replay.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context/derived.h"
#include "context/fds.h"
#include "context/memory.h"
#include "context/taker.h"
#include "persist/reconcile.h"
#include "persist/record.h"
#include "util/shellwords.h"

enum { STRAY_MISSES = 16 };

static int apply_line(struct replay *r, const char *line, size_t len)
{
	bool fits = len < sizeof(r->store);

	if (!fits || shellwords_split(line, len, r->store, r->words, REPLAY_WORDS, &r->count) != WORDS_OK)
		return -EBADMSG;
	if (r->count < 2)
		return -EBADMSG;
	for (int i = 1; i < REPLAY_WORDS; i++)
		if (i >= r->count || !parse_size(r->words[i], &r->numbers[i]))
			r->numbers[i] = 0;
	return record_apply(r);
}

/* Where the records begin of a command that maps or unmaps and has not ended; NULL: each has. */
static const char *find_unfinished(const char *text)
{
	const char *begin = NULL;

	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		begin = *text == 'x' ? NULL : *text == 'X' && !begin ? text : begin;
	return begin;
}

/* What such a command has mapped may be a part of it: none of it was acknowledged. */
static int apply_all(struct replay *r, const char *text)
{
	const char *unfinished = find_unfinished(text);
	int rc = 0;

	for (const char *end; rc == 0 && (end = strchr(text, '\n')); text = end + 1)
		if (*text != 'P' || !unfinished || text < unfinished)
			rc = apply_line(r, text, (size_t)(end - text));
	return rc;
}

/* Killed between what says that a device leaves for a program and what says that it has: both have it. */
static void keep_shared(struct context *ctx)
{
	for (size_t i = 0; i < ctx->n_takers; i++)
		if (device_by_cdev(ctx, ctx->takers[i].what))
			ctx->takers[i].moved = false;
}

/* The pieces of what was being mapped: not what others have put in their place. */
static void forget_unfinished(struct replay *r, const struct unfinished *u)
{
	struct ioas *ioas = ioas_by_id(r->ctx, u->ioas);
	size_t i = ioas ? mappings_index(&ioas->mappings, u->iova) : 0;

	while (ioas && i < ioas->mappings.count) {
		const struct mapping *mapping = mapping_at(&ioas->mappings, i);

		if (mapping->iova - u->iova >= u->length)
			break;
		if (mapping->memory->serial == u->memory)
			ioas_forget(r->ctx, ioas, mapping->iova, mapping->length);
		else
			i++;
	}
	if (ioas && r->n_pending < ARRAY_SIZE(r->pending_ioas))
		r->pending_ioas[r->n_pending++] = u->ioas;
}

static int kept_fd(const struct replay *r, struct object *object)
{
	char name[FDNAME_LENGTH];
	bool stored = true;
	int fd;

	object_fdname(object, name);
	fd = kept_find(r->kept, name, &stored);
	object->to_store = true;
	object->stored = fd >= 0 && stored;
	return fd;
}

/* Only now: a device may have been dropped and bound again, and its last fd is the one that counts. */
static void find_fds(const struct replay *r)
{
	struct context *ctx = r->ctx;
	struct iommufd_device info;

	for (size_t i = 0; i < ctx->devices.count; i++) {
		struct device *device = device_at(ctx, i);

		device->fd = kept_fd(r, &device->object);
		if (device->fd >= 0 && iommufd_device_lookup_fd(device->fd, &info) == 0)
			device->info = info;
	}
	for (size_t i = 0; i < ctx->memories.count; i++)
		memory_hold(memory_at(ctx, i), kept_fd(r, ctx->memories.items[i]));
	for (size_t id = 0; id < ctx->ids.count; id++) {
		struct derived *derived = derived_by_id(ctx, (uint32_t)id);

		if (derived && object_is_queue(&derived->object))
			derived->fd = kept_fd(r, &derived->object);
	}
}

static void drop_lost_devices(struct replay *r)
{
	struct context *ctx = r->ctx;

	for (size_t i = ctx->devices.count; i-- > 0;)
		if (device_at(ctx, i)->fd < 0) {
			r->n_lost++;
			msg_note(r->output, "lost: the device %s, whose fd was not kept",
				 device_at(ctx, i)->info.name);
			device_drop(ctx, device_at(ctx, i));
		}
}

/* What is mapped stays mapped without its fd: only after a crash is that news. */
static void drop_lost_memory(const struct replay *r)
{
	struct context *ctx = r->ctx;

	for (size_t i = ctx->memories.count; i-- > 0;) {
		struct memory *memory = memory_at(ctx, i);

		/* Without a name it came for a mapping that did not come about. */
		if (r->crashed && memory->fd < 0 && (memory->object.name || memory->mappings))
			msg_note(r->output, "lost: the memory %s, whose fd was not kept",
				 memory->object.name ?: "of an fd");
		if (!memory->mappings && (memory->fd < 0 || !memory->object.name))
			memory_drop(ctx, memory); /* else it is what a mapping is of */
	}
}

/* A queue of the kernel stays without its fd, too. */
static void note_lost_queues(const struct replay *r)
{
	for (uint32_t id = 1; id < r->ctx->ids.count; id++) {
		const struct derived *derived = derived_by_id(r->ctx, id);

		if (r->crashed && derived && object_is_queue(&derived->object) && derived->fd < 0)
			msg_note(r->output, "lost: %u, %s, whose fd was not kept", id,
				 object_type_name(derived->object.type));
	}
}

static bool is_pending(const struct replay *r, uint32_t id)
{
	size_t i = 0;

	while (i < r->n_pending && r->pending_ioas[i] != id)
		i++;
	return i < r->n_pending;
}

/* Whoever was handed the iommufd may have derived objects of its own: they are left alone. */
static void reconcile_ioases(const struct replay *r)
{
	struct context *ctx = r->ctx;
	uint64_t value;

	for (uint32_t id = 1, misses = 0; id < ctx->ids.count || (r->alloc_pending && misses < STRAY_MISSES);
	     id++) {
		struct ioas *ioas = ioas_by_id(ctx, id);
		bool there = (ioas || r->alloc_pending) &&
			     iommufd_option_get(ctx->iommufd, IOMMUFD_HUGE_PAGES, id, &value) == 0;

		misses = there || object_by_id(ctx, id) ? 0 : misses + 1;
		if (ioas && !there) {
			msg_note(r->output, "lost: IOAS %u is not in the kernel any more", id);
			device_page_table_gone(ctx, id);
			ioas_drop(ctx, ioas);
		} else if (ioas) {
			reconcile_ioas(ctx, r->output, ioas, is_pending(r, id));
		} else if (there && !taker_of(ctx, IOMMUFD_WORD)) {
			iommufd_destroy(ctx->iommufd, id); /* allocated, and never told to anybody */
		}
	}
}

int journal_replay(struct replay *r, const struct journal *journal)
{
	char *text = journal_read(journal);
	int rc = text ? apply_all(r, text) : -EIO;

	free(text);
	if (rc < 0)
		return rc;
	keep_shared(r->ctx);
	for (size_t i = 0; i < r->n_unfinished; i++)
		forget_unfinished(r, &r->unfinished[i]);
	find_fds(r);
	drop_lost_devices(r);
	drop_lost_memory(r);
	note_lost_queues(r);
	return 0;
}

void replay_reconcile(const struct replay *r)
{
	struct device *device = device_by_cdev(r->ctx, r->pending_cdev);

	r->ctx->no_map_file = iommufd_probe_op(r->ctx->iommufd, IOMMUFD_OP_IOAS_MAP_FILE) == 0;
	if (device && !taker_of(r->ctx, device->info.name))
		reconcile_device(r->output, device);
	if (device) /* the kernel may have made another HWPT for it */
		device_take_group(r->ctx, device);
	reconcile_ioases(r);
}
