/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes calls at random, from a seed, one at a time: it learns from what came of each, so that most of them
 * make sense. On two backends that give the same answers the same calls follow.
 */
#ifndef TRUTH_GENERATE_H
#define TRUTH_GENERATE_H

#include "run.h"

enum { MAX_THINGS = 1024, MAX_MAPS = 256 };

/* An object or an open fd. */
struct thing {
	uint8_t type;
	bool gone;
	uint8_t device;	  /* of a cdev */
	uint16_t call;	  /* that made it */
	uint16_t context; /* the call that opened it; of a cdev: to which it is bound, or 0 */
	uint64_t id;
};

/* What was mapped, and may be still. */
struct mapping {
	uint16_t call, context;
	uint16_t ioas; /* the call that made it, or 0 */
	uint64_t iova, length;
};

struct generator {
	uint64_t state;
	enum theme theme;
	uint32_t weights;   /* the sum of the theme's */
	uint16_t pinned[8]; /* the calls that pinned last */
	unsigned int made, n_things, n_maps, n_pinned;
	struct thing things[MAX_THINGS];
	struct mapping maps[MAX_MAPS];
};

void generator_start(struct generator *generator, uint64_t seed, enum theme theme);
void generator_next(struct generator *generator, struct call *call);
void generator_learn(struct generator *generator, const struct call *call, const struct outcome *outcome);

/* --- for its parts
 * ---------------------------------------------------------------------------------------- */

/* Below n. */
uint64_t random_below(struct generator *generator, uint64_t n);
/* True in so many of a hundred cases. */
bool random_chance(struct generator *generator, unsigned int percent);
/* One of the types that lives, if there is one in this context (0: any): or NULL. */
struct thing *pick_thing(struct generator *generator, uint32_t types, uint16_t context);
struct mapping *pick_map(struct generator *generator, uint16_t context);
/* A value for each field; then, of some kinds, such as go together. */
void fill_fields(struct generator *generator, struct call *call, uint16_t context);
void fill_sense(struct generator *generator, struct call *call, uint16_t context);

#endif
