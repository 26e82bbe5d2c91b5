/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the simulated kernel holds, whoever had it made. */
#include "../helpers/held.h"
#include "walk.h"

struct kernel {
	struct held held[4 * (IDS + MAPS)];
	size_t n;
};

/* All of it is of one iommufd: of another one objects would have the same numbers. */
static void look(struct walk *w, struct kernel *kernel)
{
	kernel->n = held_look(w->iommufd, kernel->held, sizeof(kernel->held) / sizeof(*kernel->held));
	for (size_t i = 0; i < kernel->n; i++) {
		if (kernel->held[i].iommufd != kernel->held[0].iommufd)
			fail(w, "two iommufds have something");
		if (kernel->held[i].id >= IDS - 1)
			fail(w, "the kernel has %d objects: what is made is not given back", IDS - 1);
	}
}

static uint32_t ioas_of(const struct kernel *kernel, uint32_t pt)
{
	for (size_t i = 0; i < kernel->n; i++)
		if (kernel->held[i].kind == HELD_HWPT && kernel->held[i].id == pt)
			return kernel->held[i].on;
	return pt;
}

/* What it was asked for, where that is of a memory that nobody can see. */
static int unseen_memory(const struct walk *w, const struct held *from)
{
	const struct view *v = &w->model.kernel;

	for (size_t i = 0; i < v->n_maps; i++)
		if (v->maps[i].ioas == from->id && v->maps[i].iova == from->iova &&
		    v->maps[i].memory >= 0 && !journal_knows(v->maps[i].memory))
			return v->maps[i].memory;
	return -1;
}

static void add_map(struct walk *w, const struct held *from, struct view *v)
{
	int memory = journal_memory(from->file);

	view_map(v, &(struct map){ from->id, from->iova, from->length, from->offset,
				   memory >= 0 ? memory : unseen_memory(w, from) });
}

static void add_device(const struct kernel *kernel, const struct held *from, struct view *v)
{
	for (int i = 0; i < DEVICES; i++) {
		if (strcmp(machine[i].address, from->address) != 0)
			continue;
		v->devices[i].id = from->id;
		v->devices[i].pt = from->on;
		v->devices[i].ioas = from->on ? ioas_of(kernel, from->on) : 0;
	}
}

void kernel_view(struct walk *w, struct view *v)
{
	static struct kernel kernel;

	look(w, &kernel);
	*v = (struct view){ 0 };
	for (size_t i = 0; i < kernel.n; i++) {
		const struct held *held = &kernel.held[i];

		if (held->kind == HELD_IOAS)
			v->ioases[held->id] = '-';
		else if (held->kind == HELD_DEVICE)
			add_device(&kernel, held, v);
		else if (held->kind == HELD_MAPPING)
			add_map(w, held, v);
	}
}

uint32_t kernel_next_id(struct walk *w)
{
	static struct kernel kernel;
	bool taken[IDS] = { false };
	uint32_t id = 1;

	look(w, &kernel);
	for (size_t i = 0; i < kernel.n; i++)
		taken[kernel.held[i].id] = true;
	while (taken[id])
		id++;
	return id;
}
