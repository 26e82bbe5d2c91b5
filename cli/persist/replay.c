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
#include "util/shellwords.h"

enum { STRAY_MISSES = 16 };

/* Word i is a name, which an object may lack. */
static const char *name_at(const struct replay *r, int i)
{
	return i < r->count ? r->words[i] : NULL;
}

static int restore_device(struct replay *r, struct device *device)
{
	const uint64_t *n = r->numbers;
	struct iommufd_device info = { .group = -1 };

	if (!device) {
		snprintf(info.name, sizeof(info.name), "%s", r->words[1]);
		if (device_register(r->ctx, name_at(r, 6), &info, -1, &device) < 0)
			return -ENOMEM;
		taker_forget(r->ctx, device);
	}
	object_remove_id(r->ctx, &device->object);
	device->object.id = (uint32_t)n[2];
	device->detached_by_user = n[3] == JOURNAL_DETACHED_BY_USER;
	device->attachment = device->detached_by_user ? DETACHED : (enum attachment)n[3];
	device->requested_pt = (uint32_t)n[4];
	device->pt = (uint32_t)n[5];
	return object_add(r->ctx, &device->object, NULL);
}

static int restore_origin(const struct replay *r, struct device *device)
{
	const uint64_t *n = r->numbers;

	if (!device)
		return -EBADMSG;
	device->info.kind = (enum iommufd_device_kind)n[2];
	device->info.group = (int32_t)n[3] - 1;
	device->is_wanted = n[4];
	snprintf(device->info.cdev, sizeof(device->info.cdev), "/dev/vfio/devices/%s", device->info.name);
	snprintf(device->info.address, sizeof(device->info.address), "%s", name_at(r, 5) ?: "");
	return 0;
}

static int restore_pasid(const struct replay *r, struct device *device)
{
	const uint64_t *n = r->numbers;

	if (!device)
		return -EBADMSG;
	if (n[3])
		return device_remember_pasid(device, (uint32_t)n[2], (uint32_t)n[3], (uint32_t)n[4]);
	device_forget_pasid(device, (uint32_t)n[2]);
	return 0;
}

static int restore_derived(struct replay *r)
{
	const uint64_t *n = r->numbers;
	struct derived *derived = malloc(sizeof(*derived));

	if (!derived)
		return -ENOMEM;
	*derived = (struct derived){
		.object = { .id = (uint32_t)n[1], .type = (enum object_type)n[2] },
		.device = (uint32_t)n[3],
		.parent = (uint32_t)n[4],
		.queue = (uint32_t)n[5],
		.kind = (uint32_t)n[6],
		.flags = (uint32_t)n[7],
		.fd = -1,
	};
	return object_add(r->ctx, &derived->object, name_at(r, 8));
}

static int restore_memory(struct replay *r)
{
	struct memory *memory;

	if (memory_new(r->ctx, name_at(r, 4), &memory) < 0)
		return -ENOMEM;
	memory->serial = (unsigned int)r->numbers[1];
	memory->size = r->numbers[2];
	memory->page = r->numbers[3];
	if (r->ctx->n_serials < memory->serial)
		r->ctx->n_serials = memory->serial;
	return 0;
}

static void restore_bar(const struct replay *r, struct memory *memory)
{
	if (memory)
		snprintf(memory->bar_of, sizeof(memory->bar_of), "%s", name_at(r, 2) ?: "");
}

static int restore_mapping(struct replay *r, struct ioas *ioas)
{
	const uint64_t *n = r->numbers;
	struct mapping mapping = { .iova = n[2], .length = n[3], .offset = n[4], .flags = (unsigned int)n[5],
				   .state = (unsigned int)n[7],
				   .memory = memory_by_serial(r->ctx, (unsigned int)n[6]) };

	return ioas && mapping.memory ? ioas_remember(ioas, &mapping) : -EBADMSG;
}

static int restore_taker(const struct replay *r)
{
	const uint64_t *n = r->numbers;
	struct taker taker = { .pid = (int)n[2], .start = n[3], .moved = r->count > 7, .group = -1 };

	snprintf(taker.what, sizeof(taker.what), "%s", r->words[1]);
	if (strcmp(taker.what, TAKEN_IOMMUFD) == 0)
		r->ctx->is_shared = true;
	if (taker.moved) {
		if (is_digit(*r->words[4]))
			taker.group = (int32_t)n[4];
		taker.requested_pt = (uint32_t)n[5];
		taker.pt = (uint32_t)n[6];
		if (strcmp(r->words[7], "-") != 0)
			snprintf(taker.address, sizeof(taker.address), "%s", r->words[7]);
		snprintf(taker.name, sizeof(taker.name), "%s", name_at(r, 8) ?: "");
	}
	return taker_add(r->ctx, &taker);
}

static void remember_unfinished(struct replay *r, bool on)
{
	const uint64_t *n = r->numbers;
	struct unfinished *all = r->unfinished;
	size_t i = 0;

	while (i < r->n_unfinished && (all[i].ioas != n[1] || all[i].iova != n[2]))
		i++;
	if (!on && i < r->n_unfinished)
		all[i] = all[--r->n_unfinished];
	else if (on && i < ARRAY_SIZE(r->unfinished)) {
		all[i] = (struct unfinished){ (uint32_t)n[1], n[2], n[3], (unsigned int)n[4] };
		r->n_unfinished += i == r->n_unfinished;
	}
}

/* No object: where commands were at work, and who was connected. F, an fd's number, was read before. */
static void note_command(struct replay *r, char letter, uint32_t number)
{
	if (letter == 'X' && !number)
		r->alloc_pending = true;
	else if (letter == 'X' && r->n_pending < ARRAY_SIZE(r->pending_ioas))
		r->pending_ioas[r->n_pending++] = number;
	else if (letter == 'C' && r->n_clients < r->max_clients)
		r->clients[r->n_clients++] = (int)number;
	else if (letter == 'K')
		r->keeper = (int)number;
	else if (letter == 'B')
		snprintf(r->pending_cdev, sizeof(r->pending_cdev), "%s", r->words[1]);
	if (letter == 'x') {
		r->alloc_pending = false;
		*r->pending_cdev = '\0';
		r->n_pending = 0;
	}
}

/* What was written anew may tell of an object twice: the second record says nothing more, but of a device. */
static int apply(struct replay *r)
{
	const uint64_t *n = r->numbers;
	uint32_t id = (uint32_t)n[1];
	struct device *device = device_by_cdev(r->ctx, r->words[1]);
	struct ioas *ioas = ioas_by_id(r->ctx, id);
	struct derived *derived = derived_by_id(r->ctx, id);

	switch (*r->words[0]) {
	case 'D': return restore_device(r, device);
	case 'V': return restore_origin(r, device);
	case 'W':
		r->ctx->gives_back = true;
		return 0;
	case 'I': return restore_pasid(r, device);
	case 'A': return ioas || ioas_add(r->ctx, id, name_at(r, 3), n[2]) ? 0 : -ENOMEM;
	case 'O': return derived ? 0 : restore_derived(r);
	case 'M': return memory_by_serial(r->ctx, id) ? 0 : restore_memory(r);
	case 'P': return restore_mapping(r, ioas);
	case 'S':
		restore_bar(r, memory_by_serial(r->ctx, id));
		return 0;
	case 'r':
		context_revoke(r->ctx, r->words[1]);
		return 0;
	case 'J':
	case 'j':
		remember_unfinished(r, *r->words[0] == 'J');
		return 0;
	case 'H': return restore_taker(r);
	case 'U':
		r->ctx->is_shared = true;
		return 0;
	case 'd':
		if (device)
			device_drop(r->ctx, device);
		return 0;
	case 'a':
		if (ioas)
			ioas_drop(r->ctx, ioas);
		return 0;
	case 'o':
		if (derived)
			derived_drop(r->ctx, derived);
		return 0;
	case 'm':
		if (memory_by_serial(r->ctx, id))
			memory_drop(r->ctx, memory_by_serial(r->ctx, id));
		return 0;
	case 'p':
		if (ioas)
			ioas_forget(r->ctx, ioas, n[2], n[3]);
		return 0;
	default:
		note_command(r, *r->words[0], id);
		return 0;
	}
}

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
	return apply(r);
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

static bool has_queue(const struct derived *derived)
{
	return derived->object.type == OBJECT_FAULT || derived->object.type == OBJECT_VEVENTQ;
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

		if (derived && has_queue(derived))
			derived->fd = kept_fd(r, &derived->object);
	}
}

/* What came without its fd is lost: say so, and go on with the rest. */
static void drop_lost(struct replay *r)
{
	const struct output *output = r->output;
	struct context *ctx = r->ctx;

	for (size_t i = ctx->devices.count; i-- > 0;)
		if (device_at(ctx, i)->fd < 0) {
			r->n_lost++;
			msg_note(output, "lost: the device %s, whose fd was not kept",
				 device_at(ctx, i)->info.name);
			device_drop(ctx, device_at(ctx, i));
		}
	for (size_t i = ctx->memories.count; i-- > 0;) {
		struct memory *memory = memory_at(ctx, i);

		/* Without a name it came for a mapping that did not come about. */
		if (memory->fd < 0 && (memory->object.name || memory->mappings))
			msg_note(output, "lost: the memory %s, whose fd was not kept",
				 memory->object.name ?: "of an fd");
		if (!memory->mappings && (memory->fd < 0 || !memory->object.name))
			memory_drop(ctx, memory); /* else it is what a mapping is of */
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
		} else if (there && !taker_of(ctx, TAKEN_IOMMUFD)) {
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
	drop_lost(r);
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
