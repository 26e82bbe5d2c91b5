/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist/replay.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "context/derived.h"
#include "context/fds.h"
#include "context/memory.h"
#include "persist/reconcile.h"
#include "util/shellwords.h"

enum { STRAY_MISSES = 16 };

struct restorer {
	struct context *ctx;
	const struct output *output;
	find_fd_fn *find_fd;
	void *arg;
	int *clients;
	size_t max_clients, n_clients;
	bool alloc_pending;		/* the writer was killed in the middle of such a command */
	uint32_t pending_ioas[JOURNAL_PENDING]; /* or in one that maps or unmaps in one of these */
	size_t n_pending;
	struct record record;
	uint64_t numbers[RECORD_WORDS]; /* of the words behind the first, where they are numbers */
};

static const char *name_at(const struct restorer *r, int i)
{
	return i < r->record.count ? r->record.words[i] : NULL; /* it may be missing */
}

static int restore_device(struct restorer *r)
{
	struct context *ctx = r->ctx;
	struct device *device = device_by_cdev(ctx, r->record.words[1]);
	struct iommufd_device info = { .group = -1 };

	if (!device) {
		for (size_t i = 0; r->record.words[1][i] && i < sizeof(info.name) - 1; i++)
			info.name[i] = r->record.words[1][i];
		if (device_register(ctx, name_at(r, 6), &info, -1, &device) < 0)
			return -ENOMEM;
	}
	object_remove_id(ctx, &device->object);
	device->object.id = (uint32_t)r->numbers[2];
	device->detached_by_user = r->numbers[3] == JOURNAL_DETACHED_BY_USER;
	device->attachment = device->detached_by_user ? DETACHED : (enum attachment)r->numbers[3];
	device->requested_pt = (uint32_t)r->numbers[4];
	device->pt = (uint32_t)r->numbers[5];
	device->object.in_fdstore = true;
	return object_add(ctx, &device->object, NULL);
}

static int restore_pasid(struct restorer *r)
{
	struct device *device = device_by_cdev(r->ctx, r->record.words[1]);

	if (!device)
		return -EBADMSG;
	if (r->numbers[3])
		return device_remember_pasid(device, (uint32_t)r->numbers[2], (uint32_t)r->numbers[3],
				      (uint32_t)r->numbers[4]);
	device_forget_pasid(device, (uint32_t)r->numbers[2]);
	return 0;
}

static int restore_ioas(struct restorer *r)
{
	struct ioas *ioas = calloc(1, sizeof(*ioas));

	if (!ioas)
		return -ENOMEM;
	ioas->object = (struct object){ .type = OBJECT_IOAS, .id = (uint32_t)r->numbers[1],
				       .in_fdstore = true };
	ioas->adopted = r->numbers[2];
	return object_add(r->ctx, &ioas->object, name_at(r, 3));
}

static int restore_derived(struct restorer *r)
{
	struct derived *derived = calloc(1, sizeof(*derived));

	if (!derived)
		return -ENOMEM;
	*derived = (struct derived){
		.object = { .id = (uint32_t)r->numbers[1],
			    .type = (enum object_type)r->numbers[2],
			    .in_fdstore = true },
		.device = (uint32_t)r->numbers[3],
		.parent = (uint32_t)r->numbers[4],
		.queue = (uint32_t)r->numbers[5],
		.kind = (uint32_t)r->numbers[6],
		.flags = (uint32_t)r->numbers[7],
		.fd = -1,
	};
	return object_add(r->ctx, &derived->object, name_at(r, 8));
}

static int restore_memory(struct restorer *r)
{
	struct memory *memory;

	if (memory_new(r->ctx, name_at(r, 4), &memory) < 0)
		return -ENOMEM;
	memory->serial = (unsigned int)r->numbers[1];
	memory->size = r->numbers[2];
	memory->page = r->numbers[3];
	memory->object.in_fdstore = true;
	if (r->ctx->n_serials < memory->serial)
		r->ctx->n_serials = memory->serial;
	return 0;
}

static int restore_mapping(struct restorer *r)
{
	struct ioas *ioas = ioas_by_id(r->ctx, (uint32_t)r->numbers[1]);
	struct mapping mapping = { .iova = r->numbers[2], .length = r->numbers[3], .offset = r->numbers[4],
				   .flags = (unsigned int)r->numbers[5],
				   .memory = memory_by_serial(r->ctx, (unsigned int)r->numbers[6]) };

	return ioas && mapping.memory ? ioas_remember(ioas, &mapping) : -EBADMSG;
}

static void drop_device(struct restorer *r)
{
	struct device *device = device_by_cdev(r->ctx, r->record.words[1]);

	if (device)
		device_drop(r->ctx, device);
}

static void drop_memory(struct restorer *r)
{
	struct memory *memory = memory_by_serial(r->ctx, (unsigned int)r->numbers[1]);

	if (memory)
		memory_drop(r->ctx, memory);
}

/* A command on this IOAS was begun, or, with 0, one that allocates an IOAS. */
static void note_pending(struct restorer *r)
{
	if (!r->numbers[1])
		r->alloc_pending = true;
	else if (r->n_pending < ARRAY_SIZE(r->pending_ioas))
		r->pending_ioas[r->n_pending++] = (uint32_t)r->numbers[1];
}

static int apply(struct restorer *r)
{
	struct ioas *ioas = ioas_by_id(r->ctx, (uint32_t)r->numbers[1]);
	struct derived *derived = derived_by_id(r->ctx, (uint32_t)r->numbers[1]);

	switch (r->record.words[0][0]) {
	case 'D': return restore_device(r);
	case 'd': return drop_device(r), 0;
	case 'I': return restore_pasid(r);
	case 'A': return ioas ? 0 : restore_ioas(r);
	case 'a': return ioas ? ioas_drop(r->ctx, ioas), 0 : 0;
	case 'O': return derived ? 0 : restore_derived(r);
	case 'o': return derived ? derived_drop(r->ctx, derived), 0 : 0;
	case 'M': return memory_by_serial(r->ctx, (unsigned int)r->numbers[1]) ? 0 : restore_memory(r);
	case 'm': return drop_memory(r), 0;
	case 'P': return restore_mapping(r);
	case 'p': return ioas ? ioas_forget(r->ctx, ioas, r->numbers[2], r->numbers[3]), 0 : 0;
	case 'X': return note_pending(r), 0;
	case 'x': return r->alloc_pending = false, r->n_pending = 0, 0;
	case 'C':
		if (r->n_clients < r->max_clients)
			r->clients[r->n_clients++] = (int)r->numbers[1];
		return 0;
	default: return 0; /* F: the fds' numbers, which find_fd knows */
	}
}

int record_split(const char *line, size_t len, struct record *ret)
{
	bool fits = len < RECORD_LENGTH;

	if (fits && shellwords_split(line, len, ret->store, ret->words, RECORD_WORDS,
				     &ret->count) == WORDS_OK)
		return 0;
	return -EBADMSG;
}

static int apply_line(struct restorer *r, const char *line, size_t len)
{
	if (record_split(line, len, &r->record) < 0 || r->record.count < 2)
		return -EBADMSG;
	for (int i = 1; i < RECORD_WORDS; i++)
		if (i >= r->record.count || !parse_size(r->record.words[i], &r->numbers[i]))
			r->numbers[i] = 0;
	return apply(r);
}

static int apply_all(struct restorer *r, const char *text)
{
	int rc = 0;

	for (const char *end; rc == 0 && (end = strchr(text, '\n')); text = end + 1)
		rc = apply_line(r, text, (size_t)(end - text));
	return rc;
}

static bool has_queue(const struct derived *derived)
{
	return derived->object.type == OBJECT_FAULT || derived->object.type == OBJECT_VEVENTQ;
}

/* Only now: a device may have been dropped and bound again, and its last fd is the one that counts. */
static void find_fds(const struct restorer *r)
{
	struct context *ctx = r->ctx;
	struct iommufd_device info;
	char name[FDNAME_LENGTH];

	for (size_t i = 0; i < ctx->devices.count; i++) {
		struct device *device = device_at(ctx, i);

		object_fdname(&device->object, name);
		device->fd = r->find_fd(r->arg, name);
		if (device->fd >= 0 && iommufd_device_lookup_fd(device->fd, &info) == 0)
			device->info = info;
	}
	for (size_t i = 0; i < ctx->memories.count; i++) {
		struct memory *memory = memory_at(ctx, i);

		object_fdname(&memory->object, name);
		memory_hold(memory, r->find_fd(r->arg, name));
	}
	for (size_t id = 0; id < ctx->ids.count; id++) {
		struct derived *derived = derived_by_id(ctx, (uint32_t)id);

		if (!derived || !has_queue(derived))
			continue;
		object_fdname(&derived->object, name);
		derived->fd = r->find_fd(r->arg, name);
	}
}

/* What came without its fd is lost: say so, and go on with the rest. */
static void drop_lost(struct context *ctx, const struct output *output)
{
	for (size_t i = ctx->devices.count; i-- > 0;)
		if (device_at(ctx, i)->fd < 0) {
			msg_note(output, "lost: the device %s, whose fd was not kept",
				 device_at(ctx, i)->info.name);
			device_drop(ctx, device_at(ctx, i));
		}
	for (size_t i = ctx->memories.count; i-- > 0;) {
		struct memory *memory = memory_at(ctx, i);

		if (!memory->object.name && !memory->mappings)
			memory_drop(ctx, memory); /* it came for a mapping that did not come about */
		else if (memory->fd < 0)
			msg_note(output, "lost: the memory %s, whose fd was not kept",
			     memory->object.name ? memory->object.name : "of an fd");
	}
}

static bool is_pending(const struct restorer *r, uint32_t id)
{
	size_t i = 0;

	while (i < r->n_pending && r->pending_ioas[i] != id)
		i++;
	return i < r->n_pending;
}

/* Whoever was handed the iommufd may have derived objects of its own: they are left alone, but after a crash
 * in the middle of an allocation. */
static void reconcile_ioases(const struct restorer *r)
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
			ioas_drop(ctx, ioas);
		} else if (ioas) {
			reconcile_ioas(ctx, r->output, ioas, is_pending(r, id));
		} else if (there) {
			iommufd_destroy(ctx->iommufd, id); /* allocated, and never told to anybody */
		}
	}
}

int journal_replay(struct context *ctx, const struct output *output, struct journal *journal,
		   find_fd_fn *find_fd,
		   void *arg, int *clients, size_t max_clients, size_t *ret_clients)
{
	struct restorer r = { .ctx = ctx, .output = output, .find_fd = find_fd, .arg = arg,
			     .clients = clients,
			      .max_clients = max_clients };
	char *text = journal_read(journal);
	int rc = text ? apply_all(&r, text) : -EIO;

	free(text);
	if (rc < 0)
		return rc;
	find_fds(&r);
	drop_lost(ctx, output);
	for (size_t i = 0; i < ctx->devices.count; i++)
		reconcile_device(output, device_at(ctx, i));
	reconcile_ioases(&r);
	*ret_clients = r.n_clients;
	return 0;
}
