/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fake kernel holds, whoever had it made. */
#include "walk.h"

enum { USED_MAPPINGS = 4 * MAPS }; /* it takes the first that is free */

static uint32_t ioas_of(const struct fake_state *s, uint32_t pt)
{
	for (int i = 0; i < FAKE_DEVICES; i++)
		if (s->hwpts[i] == pt)
			return s->ioas_of[i];
	return pt;
}

/* Any call makes it look who has closed what. */
static void let_it_look(struct walk *w)
{
	if (iommufd_check(w->state_fd) < 0)
		die(FAILED, "the fake iommufd is not preloaded");
}

/* What it was asked for, where that is of a memory that nobody can see. */
static int unseen_memory(const struct walk *w, const struct fake_mapping *from)
{
	const struct view *v = &w->model.kernel;

	for (size_t i = 0; i < v->n_maps; i++)
		if (v->maps[i].ioas == from->ioas && v->maps[i].iova == from->iova &&
		    v->maps[i].memory >= 0 && !journal_knows(v->maps[i].memory))
			return v->maps[i].memory;
	return -1;
}

static void add_maps(struct walk *w, struct view *v)
{
	for (int i = 0; i < USED_MAPPINGS; i++) {
		const struct fake_mapping *from = &w->state->mappings[i];

		int memory = journal_memory(from->file);

		if (from->ioas)
			view_map(v, &(struct map){ from->ioas, from->iova, from->length, from->offset,
						   memory >= 0 ? memory : unseen_memory(w, from) });
	}
}

void kernel_view(struct walk *w, struct view *v)
{
	const struct fake_state *s = w->state;

	let_it_look(w);
	*v = (struct view){ 0 };
	for (int i = 0; i < DEVICES; i++) {
		v->devices[i].id = s->devices[i].id;
		v->devices[i].pt = s->devices[i].pt;
		v->devices[i].ioas = s->devices[i].pt ? ioas_of(s, s->devices[i].pt) : 0;
	}
	for (int id = 1; id < IDS; id++)
		if (s->ids[id] == FAKE_IOAS)
			v->ioases[id] = '-';
	if (s->ids[IDS - 1])
		fail(w, "the kernel has %d objects: what is made is not given back", IDS - 1);
	add_maps(w, v);
}

uint32_t kernel_next_id(struct walk *w)
{
	uint32_t id = 1;

	let_it_look(w);
	while (w->state->ids[id])
		id++;
	return id;
}
