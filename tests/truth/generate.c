/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "generate.h"

enum { MAX_CONTEXTS = 3, MAX_CDEVS = 8 };

/* splitmix64 */
static uint64_t random_word(struct generator *generator)
{
	uint64_t word = generator->state += 0x9e3779b97f4a7c15;

	word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
	word = (word ^ word >> 27) * 0x94d049bb133111eb;
	return word ^ word >> 31;
}

uint64_t random_below(struct generator *generator, uint64_t n)
{
	return n ? random_word(generator) % n : 0;
}

bool random_chance(struct generator *generator, unsigned int percent)
{
	return random_below(generator, 100) < percent;
}

struct thing *pick_thing(struct generator *generator, uint32_t types, uint16_t context)
{
	struct thing *picked = NULL;
	unsigned int n = 0;

	for (unsigned int i = 0; i < generator->n_things; i++) {
		struct thing *thing = &generator->things[i];

		if (thing->gone || !(types & A(thing->type)) || (context && thing->context != context))
			continue;
		if (random_below(generator, ++n) == 0)
			picked = thing;
	}
	return picked;
}

struct mapping *pick_map(struct generator *generator, uint16_t context)
{
	struct mapping *picked = NULL;
	unsigned int n = 0;

	for (unsigned int i = 0; i < generator->n_maps; i++)
		if (generator->maps[i].context == context && random_below(generator, ++n) == 0)
			picked = &generator->maps[i];
	return picked;
}

static unsigned int count(const struct generator *generator, enum thing_type type)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < generator->n_things; i++)
		n += !generator->things[i].gone && generator->things[i].type == type;
	return n;
}

void generator_start(struct generator *generator, uint64_t seed, enum theme theme)
{
	*generator = (struct generator){ .state = seed * 0x2545f4914f6cdd1d + 1, .theme = theme };
	for (unsigned int i = 0; i < N_KINDS; i++)
		generator->weights += call_kinds[i].weight[theme];
}

/* What it takes before anything else makes sense. */
static int first_kinds(struct generator *generator)
{
	static const uint8_t core[] = { KIND_OPEN, KIND_IOAS_ALLOC, KIND_MEMFD, KIND_IOAS_ALLOC },
			     device[] = { KIND_OPEN, KIND_IOAS_ALLOC, KIND_CDEV, KIND_BIND,
					  KIND_MAP,  KIND_ATTACH,     KIND_CDEV, KIND_BIND };
	bool is_core = generator->theme == THEME_CORE;

	if (generator->made < (is_core ? sizeof(core) : sizeof(device)))
		return is_core ? core[generator->made] : device[generator->made];
	return -1;
}

static bool possible(const struct generator *generator, unsigned int kind)
{
	if (kind == KIND_OPEN)
		return count(generator, FD_CONTEXT) < MAX_CONTEXTS;
	if (kind == KIND_CDEV)
		return count(generator, FD_CDEV) < MAX_CDEVS;
	return true;
}

static unsigned int pick_kind(struct generator *generator)
{
	int first = first_kinds(generator);

	if (first >= 0)
		return (unsigned int)first;
	if (!count(generator, FD_CONTEXT))
		return KIND_OPEN;
	if (count(generator, THING_IOAS) < 2 && random_chance(generator, 40))
		return KIND_IOAS_ALLOC;
	for (;;) {
		uint64_t at = random_below(generator, generator->weights);
		unsigned int kind = 0;

		while (at >= call_kinds[kind].weight[generator->theme])
			at -= call_kinds[kind++].weight[generator->theme];
		if (possible(generator, kind))
			return kind;
	}
}

/* Closed are, now and then, also what much hangs on. */
static uint32_t close_types(struct generator *generator)
{
	uint32_t all = (A(N_THINGS) - 1) & ~(A(FD_CONTEXT) - 1);

	return random_chance(generator, 95) ? all & ~A(FD_CONTEXT) : all;
}

static struct thing *pick_target(struct generator *generator, unsigned int kind)
{
	uint32_t types = A(call_kinds[kind].target);
	struct thing *thing;

	if (kind == KIND_CLOSE)
		types = close_types(generator);
	else if (kind == KIND_READ || kind == KIND_WRITE || kind == KIND_POLL)
		types = A(FD_FAULTS) | A(FD_VEVENTS) | A(FD_SAVING) | A(FD_RESUMING);
	else if (call_kinds[kind].request && random_chance(generator, 1))
		types = A(FD_CONTEXT) | A(FD_CDEV) | A(FD_MEMORY) | A(FD_FAULTS);
	thing = pick_thing(generator, types, 0);
	/* Mostly a bound cdev, but for those that bind. */
	for (int i = 0; i < 3 && thing && thing->type == FD_CDEV && kind != KIND_CLOSE; i++)
		if ((kind == KIND_BIND) == !!thing->context)
			thing = pick_thing(generator, types, 0);
	return thing;
}

static uint16_t context_of(const struct thing *target)
{
	return !target ? 0 : target->type == FD_CONTEXT ? target->call : target->context;
}

static bool try_next(struct generator *generator, struct call *call)
{
	unsigned int kind = pick_kind(generator);
	struct thing *target = NULL;
	uint16_t context;

	*call = (struct call){ .nr = (uint16_t)(generator->made + 1), .kind = (uint8_t)kind };
	if (kind == KIND_CLOSE || call_kinds[kind].target != THING_NONE) {
		target = pick_target(generator, kind);
		if (!target)
			return false;
		call->target = (struct value){ .how = VALUE_FD, .of = target->call };
	}
	context = context_of(target);
	fill_fields(generator, call, context);
	fill_sense(generator, call, context);
	return true;
}

void generator_next(struct generator *generator, struct call *call)
{
	while (!try_next(generator, call)) {
		/* What cannot be made now, of what comes first, is skipped. */
		if (first_kinds(generator) >= 0) {
			*call = (struct call){ .nr = (uint16_t)(generator->made + 1), .kind = KIND_MMAP };
			break;
		}
	}
	generator->made++;
}

/* --- what came of it ----------------------------------------------------------------------------- */

static struct thing *thing_of_fd(struct generator *generator, uint16_t call)
{
	for (unsigned int i = 0; i < generator->n_things; i++) {
		struct thing *thing = &generator->things[i];

		if (thing->call == call && thing->type >= FD_CONTEXT && !thing->gone)
			return thing;
	}
	return NULL;
}

static void add(struct generator *generator, struct thing thing)
{
	if (generator->n_things < MAX_THINGS)
		generator->things[generator->n_things++] = thing;
}

static void learn_close(struct generator *generator, const struct call *call)
{
	struct thing *closed = thing_of_fd(generator, call->target.of);

	if (!closed)
		return;
	closed->gone = true;
	for (unsigned int i = 0; i < generator->n_things; i++) {
		struct thing *thing = &generator->things[i];
		bool inside = closed->type == FD_CONTEXT && thing->context == closed->call &&
			      thing->type < FD_CONTEXT;
		bool bound = closed->type == FD_CDEV &&
			     (thing->type == THING_DEVICE || thing->type == THING_ACCESS) &&
			     thing->context == closed->context && thing->device == closed->device;

		thing->gone |= inside || bound;
	}
}

static void learn_destroy(struct generator *generator, uint16_t context, const struct value *id)
{
	for (unsigned int i = 0; i < generator->n_things; i++) {
		struct thing *thing = &generator->things[i];

		thing->gone |= thing->type < FD_CONTEXT && thing->context == context &&
			       id->how == VALUE_RESULT && thing->call == id->of;
	}
}

static void learn_bind(struct generator *generator, const struct call *call, const struct outcome *outcome)
{
	struct thing *cdev = thing_of_fd(generator, call->target.of);

	if (!cdev || call->fields[2].how != VALUE_FD)
		return;
	cdev->context = call->fields[2].of;
	add(generator, (struct thing){ .type = cdev->device >= DEVICE_MTTY ? THING_ACCESS : THING_DEVICE,
				       .call = call->nr,
				       .context = cdev->context,
				       .device = cdev->device,
				       .id = outcome->result });
}

/* An IOAS was given, and its automatic page table came back. */
static void learn_attach(struct generator *generator, const struct call *call,
			 const struct outcome *outcome, uint16_t context)
{
	for (unsigned int i = 0; i < generator->n_things; i++)
		if (!generator->things[i].gone && generator->things[i].context == context &&
		    generator->things[i].type < FD_CONTEXT && generator->things[i].id == outcome->result)
			return;
	add(generator,
	    (struct thing){
		    .type = THING_HWPT, .call = call->nr, .context = context, .id = outcome->result });
}

static void learn_map(struct generator *generator, const struct call *call, const struct outcome *outcome,
		      uint16_t context)
{
	const struct call_kind *kind = &call_kinds[call->kind];
	int ioas = call->kind == KIND_COPY ? 2 : call_field(kind, "ioas_id");
	struct mapping map = { .call = call->nr, .context = context, .iova = outcome->result };

	map.length = call->fields[call_field(kind, "length")].number;
	if (call->fields[ioas].how == VALUE_RESULT)
		map.ioas = call->fields[ioas].of;
	generator->maps[generator->n_maps++ % MAX_MAPS] = map;
	if (generator->n_maps == MAX_MAPS)
		generator->n_maps = MAX_MAPS / 2;
}

void generator_learn(struct generator *generator, const struct call *call, const struct outcome *outcome)
{
	const struct call_kind *kind = &call_kinds[call->kind];
	struct thing *target = call->target.how == VALUE_FD ? thing_of_fd(generator, call->target.of)
							    : NULL;
	uint16_t context = context_of(target);
	struct thing made = {
		.type = kind->makes, .call = call->nr, .context = context, .id = outcome->result
	};

	if (outcome->ret < 0)
		return;
	if (call->kind == KIND_CDEV)
		made.device = (uint8_t)(call->fields[0].number % N_DEVICES);
	if (kind->makes != THING_NONE)
		add(generator, made);
	if (call->kind == KIND_FAULT_ALLOC || call->kind == KIND_VEVENTQ_ALLOC)
		add(generator,
		    (struct thing){ .type = call->kind == KIND_FAULT_ALLOC ? FD_FAULTS : FD_VEVENTS,
				    .call = call->nr });
	if (call->kind == KIND_PIN)
		generator->pinned[generator->n_pinned++ % 8] = call->nr;
	if (call->kind == KIND_CLOSE)
		learn_close(generator, call);
	else if (call->kind == KIND_DESTROY)
		learn_destroy(generator, context, &call->fields[1]);
	else if (call->kind == KIND_BIND)
		learn_bind(generator, call, outcome);
	else if (call->kind == KIND_ATTACH && outcome->has_result)
		learn_attach(generator, call, outcome, context);
	else if ((call->kind == KIND_MAP || call->kind == KIND_MAP_FILE || call->kind == KIND_COPY) &&
		 outcome->has_result)
		learn_map(generator, call, outcome, context);
}
