/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist/record.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context/derived.h"
#include "context/memory.h"
#include "context/taker.h"

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
	if (strcmp(taker.what, IOMMUFD_WORD) == 0)
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

/* What is no more. */
static void forget(struct replay *r, struct device *device, struct ioas *ioas, struct derived *derived)
{
	const uint64_t *n = r->numbers;
	struct memory *memory = memory_by_serial(r->ctx, (unsigned int)n[1]);
	char letter = *r->words[0];

	if (letter == 'd' && device)
		device_drop(r->ctx, device);
	else if (letter == 'a' && ioas)
		ioas_drop(r->ctx, ioas);
	else if (letter == 'o' && derived)
		derived_drop(r->ctx, derived);
	else if (letter == 'm' && memory)
		memory_drop(r->ctx, memory);
	else if (letter == 'p' && ioas)
		ioas_forget(r->ctx, ioas, n[2], n[3]);
}

/* What concerns more than one object, or none. */
static void note(struct replay *r, uint32_t id)
{
	switch (*r->words[0]) {
	case 'W':
		r->ctx->gives_back = true;
		break;
	case 'U':
		r->ctx->is_shared = true;
		break;
	case 'S':
		restore_bar(r, memory_by_serial(r->ctx, id));
		break;
	case 'r':
		context_revoke(r->ctx, r->words[1]);
		break;
	case 'J':
	case 'j':
		remember_unfinished(r, *r->words[0] == 'J');
		break;
	default:
		note_command(r, *r->words[0], id);
	}
}

/* What was written anew may tell of an object twice: the second record says nothing more, but of a device. */
int record_apply(struct replay *r)
{
	const uint64_t *n = r->numbers;
	uint32_t id = (uint32_t)n[1];
	struct device *device = device_by_cdev(r->ctx, r->words[1]);
	struct ioas *ioas = ioas_by_id(r->ctx, id);
	struct derived *derived = derived_by_id(r->ctx, id);

	switch (*r->words[0]) {
	case 'D': return restore_device(r, device);
	case 'V': return restore_origin(r, device);
	case 'I': return restore_pasid(r, device);
	case 'A': return ioas || ioas_add(r->ctx, id, name_at(r, 3), n[2]) ? 0 : -ENOMEM;
	case 'O': return derived ? 0 : restore_derived(r);
	case 'M': return memory_by_serial(r->ctx, id) ? 0 : restore_memory(r);
	case 'P': return restore_mapping(r, ioas);
	case 'H': return restore_taker(r);
	case 'd':
	case 'a':
	case 'o':
	case 'm':
	case 'p':
		forget(r, device, ioas, derived);
		return 0;
	default:
		note(r, id);
		return 0;
	}
}
