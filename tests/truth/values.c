/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of fields: mostly what makes sense, and now and then each of the ways to be wrong. */
#include <string.h>

#include "generate.h"
#include "memory.h"
#include "uapi/vfio.h"

static struct value number(uint64_t n)
{
	return (struct value){ .number = n };
}

static struct value result_of(uint16_t call, uint64_t more)
{
	return (struct value){ .how = VALUE_RESULT, .of = call, .number = more };
}

static struct value random_of(struct generator *generator, const uint64_t *list, size_t n)
{
	return number(list[random_below(generator, n)]);
}
#define ONE_OF(generator, ...)                                  \
	random_of(generator, (const uint64_t[]){ __VA_ARGS__ }, \
		  sizeof((const uint64_t[]){ __VA_ARGS__ }) / 8)

static struct value size_value(struct generator *generator, unsigned int size)
{
	if (random_chance(generator, 93))
		return number(size);
	if (random_chance(generator, 60))
		return number(4 * random_below(generator, size / 4 + 6));
	return ONE_OF(generator, 0, 3, size - 1, size + 1, size + 8, 4096, 4097, UINT32_MAX);
}

static struct value flags_value(struct generator *generator, uint32_t flags)
{
	uint64_t bits = random_below(generator, 1ULL << 32) & flags;

	if (random_chance(generator, 40))
		bits = 0;
	if (random_chance(generator, 3))
		bits |= 1ULL << random_below(generator, 32);
	/* Of COPY this one is the self-test's own, where the kernel has it. */
	bits &= ~(1ULL << 16) | flags;
	return number(bits);
}

static struct value id_value(struct generator *generator, uint32_t types, uint16_t context)
{
	uint64_t dice = random_below(generator, 100);
	struct thing *thing = NULL;

	if (dice < 86)
		thing = pick_thing(generator, types, context);
	else if (dice < 92)
		thing = pick_thing(generator, A(FD_CONTEXT) - 1, context);
	else if (dice < 94)
		thing = pick_thing(generator, A(FD_CONTEXT) - 1, 0);
	if (thing)
		return result_of(thing->call, 0);
	if (random_chance(generator, 70))
		return number(random_below(generator, 12));
	return ONE_OF(generator, 0, 0x7fffffff, 0x80000000, UINT32_MAX, 0xffff);
}

/*
 * The kernel maps what is no memory, too, and holds the file then. Where that holds the context in turn, as
 * a bound cdev does, both stay for good: so no fd is tried that may.
 */
static uint32_t other_fds(uint32_t types)
{
	return types == A(FD_MEMORY) ? A(FD_MEMORY) | A(FD_EVENT)
				     : (A(N_THINGS) - 1) & ~(A(FD_CONTEXT) - 1);
}

static struct value fd_value(struct generator *generator, uint32_t types)
{
	struct thing *thing =
		pick_thing(generator, random_chance(generator, 95) ? types : other_fds(types), 0);

	if (thing && random_chance(generator, 97))
		return (struct value){ .how = VALUE_FD, .of = thing->call };
	return ONE_OF(generator, UINT32_MAX, 9999, INT32_MAX, 0x80000000);
}

static uint64_t pages(struct generator *generator, uint64_t n)
{
	return random_below(generator, n) * MEMORY_PAGE;
}

static struct value iova_value(struct generator *generator, uint16_t context)
{
	struct mapping *map = pick_map(generator, context);
	uint64_t dice = random_below(generator, 100);

	if (dice < 40 && map)
		return result_of(map->call, random_chance(generator, 70)
						    ? 0
						    : pages(generator, map->length / MEMORY_PAGE + 1));
	if (dice < 85)
		return number(pages(generator, 512));
	if (dice < 90)
		return number(0xfee00000 - 0x8000 + pages(generator, 0x110));
	if (dice < 94)
		return number(pages(generator, 1ULL << 36));
	if (dice < 96)
		return number(random_below(generator, 0x200000));
	return ONE_OF(generator, UINT64_MAX, UINT64_MAX - 4095, 1ULL << 47, 1ULL << 48, (1ULL << 48) - 4096,
		      (1ULL << 39) - 4096, 1ULL << 39, 1ULL << 57, 1ULL << 63, 0x800, 0xfffff000,
		      0x100000000);
}

static struct value length_value(struct generator *generator)
{
	uint64_t dice = random_below(generator, 100);

	if (dice < 80)
		return number(MEMORY_PAGE + pages(generator, 8));
	if (dice < 90)
		return number(MEMORY_PAGE + pages(generator, 128));
	if (dice < 94)
		return number(random_below(generator, 0x8000));
	return ONE_OF(generator, 0, 1, 4095, 0x200000, 1ULL << 30, 1ULL << 40, 1ULL << 63, UINT64_MAX,
		      UINT64_MAX - 4095);
}

static struct value address_value(struct generator *generator)
{
	uint64_t dice = random_below(generator, 100);
	uint64_t file = FILES_AT + FILE_LEN * random_below(generator, 2);

	if (dice < 70)
		return number(RAM_AT + pages(generator, RAM_LEN / MEMORY_PAGE));
	if (dice < 78)
		return number(file + pages(generator, 16));
	if (dice < 84)
		return number(READ_ONLY_AT + pages(generator, 16));
	if (dice < 90)
		return number(FLEETING_AT + pages(generator, 16));
	if (dice < 95)
		return number(RAM_AT + random_below(generator, RAM_LEN));
	return ONE_OF(generator, 0, NO_ACCESS_AT, RAM_AT + RAM_LEN, UINT64_MAX, UINT64_MAX - 4095,
		      1ULL << 47, 1ULL << 63);
}

static struct value pointer_value(struct generator *generator)
{
	if (random_chance(generator, 94))
		return number(DATA_AT);
	return ONE_OF(generator, 0, DATA_AT + DATA_LEN, DATA_AT + DATA_LEN - 8, READ_ONLY_AT, NO_ACCESS_AT,
		      UINT64_MAX, DATA_AT + 1);
}

static struct value small_value(struct generator *generator, uint32_t below)
{
	if (random_chance(generator, 95))
		return number(random_below(generator, below));
	return ONE_OF(generator, below, below + 1, 255, 0xffff, UINT32_MAX);
}

static struct value page_size_value(struct generator *generator)
{
	if (random_chance(generator, 70))
		return number(MEMORY_PAGE);
	return ONE_OF(generator, 0, 1, 2048, 8192, 3000, 0x200000, 1ULL << 63);
}

static struct value field_value(struct generator *generator, const struct call *call,
				const struct field *field, uint16_t context)
{
	switch (field->kind) {
	case FIELD_SIZE: return size_value(generator, call_kinds[call->kind].size);
	case FIELD_FLAGS: return flags_value(generator, field->of);
	case FIELD_ZERO:
		return number(random_chance(generator, 98)
				      ? 0
				      : 1ULL << random_below(generator, 8 * field->size));
	case FIELD_ID: return id_value(generator, field->of, context);
	case FIELD_FD: return fd_value(generator, field->of);
	case FIELD_IOVA: return iova_value(generator, context);
	case FIELD_LENGTH: return length_value(generator);
	case FIELD_ADDRESS: return address_value(generator);
	case FIELD_POINTER: return pointer_value(generator);
	case FIELD_SMALL: return small_value(generator, field->of);
	case FIELD_COUNT: return small_value(generator, 6);
	case FIELD_DATA_LEN: return ONE_OF(generator, 0, 8, 16, 24, 40, 64, 1, 4096);
	case FIELD_PAGE_SIZE: return page_size_value(generator);
	case FIELD_ITEM:
		return generator->n_pinned && random_chance(generator, 90)
			       ? result_of(generator->pinned[random_below(
						   generator,
						   generator->n_pinned < 8 ? generator->n_pinned : 8)],
					   0)
			       : number(random_below(generator, 5));
	case FIELD_OFFSET:
		return number(random_chance(generator, 90) ? pages(generator, 16)
							   : random_below(generator, 0x10000));
	default:
		return number(field->kind == FIELD_OUT_FD    ? UINT32_MAX
			      : random_chance(generator, 90) ? 0x5a5a5a5a
							     : 0);
	}
}

/* Bytes behind the struct: mostly none. */
static void fill_tail(struct generator *generator, struct call *call)
{
	if (!call_kinds[call->kind].request || random_chance(generator, 97))
		return;
	call->tail_len = (uint16_t)(4 * (1 + random_below(generator, 4)));
	if (random_chance(generator, 50))
		call->tail[random_below(generator, call->tail_len)] = 1;
	call->fields[0] = number(call_kinds[call->kind].size + call->tail_len);
}

void fill_fields(struct generator *generator, struct call *call, uint16_t context)
{
	const struct call_kind *kind = &call_kinds[call->kind];

	for (unsigned int i = 0; i < call_n_fields(kind); i++)
		call->fields[i] = field_value(generator, call, &kind->fields[i], context);
	if (kind->request && random_chance(generator, 2))
		call->place = (uint8_t)random_below(generator, N_PLACES);
	fill_tail(generator, call);
}

/* --- what goes together -------------------------------------------------------------------------- */

static void sense_map(struct generator *generator, struct call *call)
{
	if (random_chance(generator, 90))
		call->fields[1] = ONE_OF(generator, 7, 7, 7, 6, 6, 5, 4, 3, 2);
	/* A place that is free, more often than by chance. */
	if (random_chance(generator, 40))
		call->fields[6] = number(0x1000000 + pages(generator, 0x8000));
}

static void sense_copy(struct generator *generator, struct call *call, uint16_t context)
{
	struct mapping *map = pick_map(generator, context);

	if (random_chance(generator, 90))
		call->fields[1] = ONE_OF(generator, 7, 7, 6, 6, 5, 4, 2);
	if (!map || random_chance(generator, 20))
		return;
	if (map->ioas)
		call->fields[3] = result_of(map->ioas, 0);
	call->fields[6] = result_of(map->call, 0);
	call->fields[4] = number(map->length);
	if (map->length > MEMORY_PAGE && map->length < 1ULL << 30 && random_chance(generator, 40)) {
		uint64_t from = pages(generator, map->length / MEMORY_PAGE);

		call->fields[6].number = from;
		call->fields[4].number = map->length - from;
	}
	if (random_chance(generator, 40))
		call->fields[5] = number(0x1000000 + pages(generator, 0x8000));
}

static void sense_unmap(struct generator *generator, struct call *call, uint16_t context)
{
	struct mapping *map = pick_map(generator, context);

	if (random_chance(generator, 4)) {
		call->fields[2] = number(0);
		call->fields[3] = number(UINT64_MAX);
	} else if (map && random_chance(generator, 70)) {
		if (map->ioas)
			call->fields[1] = result_of(map->ioas, 0);
		call->fields[2] = result_of(map->call, 0);
		call->fields[3] = number(map->length);
	}
}

/* What is mapped, in whole or in part. */
static void sense_pin(struct generator *generator, struct call *call, uint16_t context)
{
	struct mapping *map = pick_map(generator, context);

	if (!map || random_chance(generator, 15))
		return;
	call->fields[0] = result_of(map->call, 0);
	if (call->kind == KIND_RW)
		call->fields[0].number = random_below(generator, map->length % (1 << 16));
	else
		call->fields[1] = number(random_chance(generator, 60) ? map->length : MEMORY_PAGE);
}

/* Ranges to allow, or room for them. */
static void sense_ranges(struct generator *generator, struct call *call)
{
	uint64_t at = 0;

	if (call->kind == KIND_RANGES)
		return;
	for (unsigned int i = 0; i < 4; i++) {
		uint64_t start = at + pages(generator, 256),
			 last = start + MEMORY_PAGE - 1 + pages(generator, 2048);

		if (random_chance(generator, 5))
			last = start;
		memcpy(call->data + i * 16, &start, 8);
		memcpy(call->data + i * 16 + 8, &last, 8);
		at = random_chance(generator, 93) ? last + 1 : start;
	}
	if (random_chance(generator, 5))
		memset(call->data + 8, 0xff, 8);
	call->data_len = 64;
}

static void sense_hwpt(struct generator *generator, struct call *call)
{
	if (random_chance(generator, 75))
		call->fields[6] = number(0), call->fields[7] = number(0), call->fields[8] = number(0);
	if (random_chance(generator, 60))
		call->fields[1] = number(0);
	if (!(call->fields[1].number & 4) && random_chance(generator, 80))
		call->fields[9] = number(0);
}

static void sense_bind(struct generator *generator, struct call *call)
{
	/* Both sizes that there are. */
	if (random_chance(generator, 50) && call->fields[0].number == 24)
		call->fields[0] = number(16);
}

/* PASIDs are of Linux 6.15. */
static void sense_attach(struct generator *generator, struct call *call)
{
	unsigned int size = call_kinds[call->kind].size;

	if (random_chance(generator, 80))
		call->fields[1] = number(0);
	if (random_chance(generator, 70) && call->fields[0].number == size)
		call->fields[0] = number(size - 4);
}

static void sense_answer(struct generator *generator, struct call *call)
{
	/* Room for what may come behind the struct. */
	if (random_chance(generator, 50)) {
		call->tail_len = (uint16_t)(8 * random_below(generator, 9));
		call->fields[0] = number(call_kinds[call->kind].size + call->tail_len);
	}
}

static void sense_feature(struct generator *generator, struct call *call)
{
	uint64_t op = random_below(generator, 4);

	call->tail_len = (uint16_t)(8 * random_below(generator, 5));
	if (random_chance(generator, 90))
		call->fields[0] = number(8 + call->tail_len);
	/* Mostly whether it is there: only that has no consequences. */
	call->fields[1] = number(random_below(generator, 15) |
				 (op == 0   ? 0x10000
				  : op == 1 ? 0x20000
					    : 0x40000) |
				 (op == 2 ? 0x10000 : 0));
	if (call->tail_len && random_chance(generator, 50))
		call->tail[0] = (uint8_t)random_below(generator, 9);
	/* An event is what it wakes up with. */
	if ((call->fields[1].number & UAPI_VFIO_DEVICE_FEATURE_MASK) !=
	    UAPI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP)
		call->fields[2] = number(0);
}

static void sense_irqs(struct generator *generator, struct call *call)
{
	static const uint8_t data_len[] = { 0, 1, 4, 0 };
	unsigned int data = (unsigned int)random_below(generator, 3),
		     count = (unsigned int)random_below(generator, 3);

	if (random_chance(generator, 10))
		return;
	call->fields[1] = number(1U << data | 8U << random_below(generator, 3));
	call->fields[4] = number(count);
	call->tail_len = (uint16_t)(data_len[data] * count);
	call->fields[0] = number(20 + call->tail_len);
	if (data != 2)
		call->fields[5] = number(0);
	/* Of several events the others are none. */
	if (data == 2)
		memset(call->tail, 0xff, call->tail_len);
}

static void sense_memfd(struct generator *generator, struct call *call)
{
	call->fields[0] = ONE_OF(generator, 0x10000, 0x10000, 0x8000, 0x1800, 0x1000, 0);
}

/* Limits that are reached, and mostly of one whom they concern. */
static void sense_limits(struct generator *generator, struct call *call)
{
	call->fields[0] = number(random_below(generator, random_chance(generator, 80) ? 20 : 200));
	call->fields[1] = number(random_chance(generator, 35));
}

static void sense_hot_reset(struct call *call)
{
	call->fields[2] = number(0);
}

void fill_sense(struct generator *generator, struct call *call, uint16_t context)
{
	switch (call->kind) {
	case KIND_MAP:
	case KIND_MAP_FILE: return sense_map(generator, call);
	case KIND_COPY: return sense_copy(generator, call, context);
	case KIND_UNMAP: return sense_unmap(generator, call, context);
	case KIND_PIN:
	case KIND_RW: return sense_pin(generator, call, context);
	case KIND_ALLOW:
	case KIND_RANGES: return sense_ranges(generator, call);
	case KIND_HWPT_ALLOC: return sense_hwpt(generator, call);
	case KIND_BIND: return sense_bind(generator, call);
	case KIND_ATTACH:
	case KIND_DETACH: return sense_attach(generator, call);
	case KIND_INFO:
	case KIND_REGION_INFO:
	case KIND_HOT_RESET_INFO: return sense_answer(generator, call);
	case KIND_SET_IRQS: return sense_irqs(generator, call);
	case KIND_FEATURE: return sense_feature(generator, call);
	case KIND_LIMITS: return sense_limits(generator, call);
	case KIND_MEMFD: return sense_memfd(generator, call);
	case KIND_HOT_RESET: return sense_hot_reset(call);
	}
}
