/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of the walk: their words, what must come of them, and the model behind them. */
#include "walk.h"

enum { NAMES = 6, SLOTS = 48, FIRST_IOVA = 1 << 20, MANY = 8 };

static void refuse_if(struct command *c, bool when)
{
	if (!when)
		return;
	c->expected = REFUSED;
}

/* Of the IOASes that the session has, or now and then one that nobody has. */
static uint32_t some_ioas(struct walk *w)
{
	uint32_t ids[IDS], n = 0;

	for (uint32_t id = 1; id < IDS; id++)
		if (w->model.session.ioases[id])
			ids[n++] = id;
	return n && !once_in(w, 30) ? ids[pick(w, n)] : 90;
}

/* Mostly one that the session has, or, if not, one that it has not: else most commands would be refused. */
static int some_device(struct walk *w, bool bound)
{
	int d = (int)pick(w, DEVICES);

	for (int i = 0; i < DEVICES && !once_in(w, 12) && bound != (w->model.session.devices[d].id != 0); i++)
		d = (d + 1) % DEVICES;
	return d;
}

static uint32_t some_memory(struct walk *w, bool there)
{
	uint32_t m = pick(w, MEMORIES);

	for (int i = 0; i < MEMORIES && !once_in(w, 12) && there != (w->model.session.memories[m] != 0); i++)
		m = (m + 1) % MEMORIES;
	return m;
}

static const char *ioas_word(struct walk *w, uint32_t id)
{
	static char word[12];
	char name = w->model.session.ioases[id];

	if (name > '-' && once_in(w, 2))
		snprintf(word, sizeof(word), "%c", name);
	else
		snprintf(word, sizeof(word), "%u", id);
	return word;
}

/* A device that a program has as well may be refused, and the program's DMA is its own business. */
static void mind_handed(struct walk *w, struct command *c, int device)
{
	c->device = device;
	for (int i = 0; i < DEVICES && c->expected == DONE; i++)
		if (is_handed(w, i) && (i == device || is_sibling(i, device)))
			c->expected = EITHER;
}

static void plan_bind(struct walk *w, struct command *c)
{
	int d = some_device(w, false);
	bool named = once_in(w, 2);

	command_words(c, "bind %s%s%c", device_word(w, d), named ? " --name d" : "", named ? '0' + d : '\0');
	c->device = d;
	refuse_if(c, w->model.kernel.devices[d].id);
	if (c->expected != DONE)
		return;
	c->prints = true;
	c->printed = kernel_next_id(w);
	c->after.session.devices[d].id = c->after.kernel.devices[d].id = (uint32_t)c->printed;
	c->after.session.devices[d].named = named;
}

static void plan_unbind(struct walk *w, struct command *c)
{
	int d = some_device(w, true);

	command_words(c, "unbind %s", device_word(w, d));
	refuse_if(c, !w->model.session.devices[d].id);
	mind_handed(w, c, d);
	memset(&c->after.session.devices[d], 0, sizeof(c->after.session.devices[d]));
	model_release(w, &c->after);
}

/* What the kernel is asked, and what the session then takes for so. */
static void attach(struct walk *w, struct command *c, int d, uint32_t ioas)
{
	struct view *session = &c->after.session;
	uint32_t before = session->devices[d].ioas;

	refuse_if(c, !model_kernel_attaches(&w->model.kernel, d, ioas));
	mind_handed(w, c, d);
	if (c->expected == REFUSED)
		return;
	model_attach_kernel(&c->after.kernel, d, ioas);
	if (before)
		model_attach_kernel(session, d, ioas);
	session->devices[d].ioas = ioas;
}

/* One that is another program's by now would move along. */
static void refuse_moved(struct walk *w, struct command *c, int d, uint32_t ioas)
{
	for (int i = 0; i < DEVICES; i++)
		refuse_if(c, is_sibling(i, d) && is_moved_to(w, i, 0) && w->model.session.devices[d].ioas &&
			     w->model.session.devices[d].ioas != ioas);
}

static void plan_attach(struct walk *w, struct command *c)
{
	int d = some_device(w, true);
	uint32_t ioas = some_ioas(w), now = w->model.session.devices[d].ioas;
	bool replace = now ? !once_in(w, 4) : once_in(w, 8);

	command_words(c, "%s %s", replace ? "replace" : "attach", device_word(w, d));
	command_words(c, "%s", ioas_word(w, ioas));
	if (replace && once_in(w, 3))
		command_words(c, "--force");
	else
		refuse_moved(w, c, d, ioas);
	refuse_if(c, !w->model.session.devices[d].id || (replace ? !now : now && now != ioas));
	/* What it is on by what it was told may be the number of this IOAS by now. */
	if (!replace && now && now != ioas && w->moved_by_others[d])
		c->expected = EITHER;
	if (c->expected != REFUSED)
		attach(w, c, d, ioas);
}

static void plan_detach(struct walk *w, struct command *c)
{
	int d = some_device(w, true);

	command_words(c, "detach %s", device_word(w, d));
	refuse_if(c, !w->model.session.devices[d].id);
	mind_handed(w, c, d);
	if (w->model.session.devices[d].ioas)
		c->after.kernel.devices[d].ioas = 0;
	c->after.session.devices[d].ioas = 0;
}

static void plan_ioas(struct walk *w, struct command *c)
{
	char name = once_in(w, 3) ? '-' : (char)('A' + pick(w, NAMES));

	command_words(c, "ioas alloc");
	if (name != '-')
		command_words(c, "--name %c", name);
	refuse_if(c, name != '-' && memchr(w->model.session.ioases, name, IDS));
	if (c->expected != DONE)
		return;
	c->prints = true;
	c->printed = kernel_next_id(w);
	c->after.session.ioases[c->printed] = name;
	c->after.kernel.ioases[c->printed] = '-';
}

/* Any IOAS, also one that a program made and left behind. */
static void plan_destroy(struct walk *w, struct command *c)
{
	uint32_t id = some_ioas(w);

	if (once_in(w, 3))
		for (id = 1 + pick(w, IDS - 2); id < IDS - 1 && !w->model.kernel.ioases[id];)
			id++;
	command_words(c, "destroy %s", ioas_word(w, id));
	refuse_if(c, !w->model.kernel.ioases[id]);
	for (int i = 0; i < DEVICES; i++)
		refuse_if(c, w->model.kernel.devices[i].ioas == id);
	/* Where a program has detached what it shares. */
	for (int i = 0; i < DEVICES; i++)
		if (c->after.session.devices[i].ioas == id)
			c->after.session.devices[i].ioas = 0;
	view_drop_ioas(&c->after.session, id);
	view_drop_ioas(&c->after.kernel, id);
}

static void plan_mem_create(struct walk *w, struct command *c)
{
	uint32_t m = some_memory(w, false);
	uint64_t size = PAGE * (1 + pick(w, 16));

	command_words(c, "mem create m%u %llu", m, (unsigned long long)size);
	refuse_if(c, w->model.session.memories[m]);
	c->after.session.memories[m] = size;
}

static void plan_mem_destroy(struct walk *w, struct command *c)
{
	uint32_t m = some_memory(w, true);

	command_words(c, "mem destroy m%u", m);
	refuse_if(c, !w->model.session.memories[m]);
	for (size_t i = 0; i < w->model.session.n_maps; i++)
		refuse_if(c, w->model.session.maps[i].memory == (int)m);
	c->after.session.memories[m] = 0;
}

static void map(struct walk *w, struct command *c, const struct map *what, uint64_t piece)
{
	const struct view *kernel = &w->model.kernel;

	for (size_t i = 0; i < kernel->n_maps; i++)
		refuse_if(c, kernel->maps[i].ioas == what->ioas &&
			     kernel->maps[i].iova < what->iova + what->length &&
			     what->iova < kernel->maps[i].iova + kernel->maps[i].length);
	for (uint64_t done = 0; done < what->length; done += piece) {
		struct map part = *what;

		part.iova += done;
		part.offset += done;
		part.length = what->length - done < piece ? what->length - done : piece;
		view_map(&c->after.session, &part);
		view_map(&c->after.kernel, &part);
	}
}

static bool is_free(const struct view *kernel, uint32_t ioas, uint64_t iova, uint64_t length)
{
	for (size_t i = 0; i < kernel->n_maps; i++)
		if (kernel->maps[i].ioas == ioas && kernel->maps[i].iova < iova + length &&
		    iova < kernel->maps[i].iova + kernel->maps[i].length)
			return false;
	return true;
}

/* Where the kernel puts what may lie anywhere: as low as it can, aligned as its length and its file allow. */
static uint64_t free_iova(const struct view *kernel, const struct map *what)
{
	uint64_t step = PAGE, iova;

	while (step < what->length && !(what->offset & step))
		step *= 2;
	for (iova = step; !is_free(kernel, what->ioas, iova, what->length);)
		iova += step;
	return iova;
}

/* The client's own, which the session keeps for as long as it is mapped. */
static void plan_map_fd(struct walk *w, struct command *c)
{
	bool in_pieces = once_in(w, 3);
	struct map what = { .ioas = some_ioas(w), .memory = -1 };

	what.iova = FIRST_IOVA + PAGE * pick(w, SLOTS);
	what.length = PAGE * (1 + pick(w, 4));
	command_words(c, "ioas map %s fd:3 --iova %#llx --length %llu%s", ioas_word(w, what.ioas),
		      (unsigned long long)what.iova, (unsigned long long)what.length,
		      in_pieces ? " --piece 4096" : "");
	c->fd_word = 3;
	refuse_if(c, !w->model.session.ioases[what.ioas]);
	if (c->expected != DONE)
		return;
	map(w, c, &what, in_pieces ? PAGE : what.length);
	c->prints = true;
	c->printed = what.iova;
}

/* It would take devices away. */
static void plan_stop(struct walk *w, struct command *c)
{
	bool attached = false;

	for (int i = 0; i < DEVICES; i++)
		attached |= w->model.session.devices[i].ioas != 0;
	if (!attached || !once_in(w, 4))
		return plan_attach(w, c);
	command_words(c, "session stop");
	c->expected = REFUSED;
}

static void plan_map(struct walk *w, struct command *c)
{
	uint32_t m = some_memory(w, true);
	uint64_t size = w->model.session.memories[m], pages = size / PAGE;
	bool fixed = !once_in(w, 4), in_pieces = fixed && once_in(w, 4);
	struct map what = { .ioas = some_ioas(w), .memory = (int)m };

	what.offset = pages ? PAGE * pick(w, (uint32_t)pages) : 0;
	what.length = pages ? PAGE * (1 + pick(w, (uint32_t)(pages - what.offset / PAGE))) : PAGE;
	what.iova = fixed ? FIRST_IOVA + PAGE * pick(w, SLOTS) : free_iova(&w->model.kernel, &what);
	command_words(c, "ioas map %s m%u --offset %llu --length %llu", ioas_word(w, what.ioas), m,
		      (unsigned long long)what.offset, (unsigned long long)what.length);
	if (fixed)
		command_words(c, "--iova %#llx", (unsigned long long)what.iova);
	if (in_pieces)
		command_words(c, "--piece 4096");
	refuse_if(c, !pages || w->dead_memory[m] || !w->model.session.ioases[what.ioas]);
	if (c->expected != DONE)
		return;
	map(w, c, &what, in_pieces ? PAGE : what.length);
	c->prints = true;
	c->printed = what.iova;
}

/* One mapping, or from it to the end of another one, or a page less. */
/* A program that was handed a device works there. */
static void mind_program(struct walk *w, struct command *c, uint32_t ioas)
{
	bool force = once_in(w, 3);

	if (force)
		command_words(c, "--force");
	for (int i = 0; i < DEVICES && c->expected == DONE; i++)
		if (is_handed(w, i))
			c->expected = !force && is_moved_to(w, i, ioas) ? REFUSED : EITHER;
}

static void plan_unmap(struct walk *w, struct command *c)
{
	const struct view *v = &w->model.session;
	const struct map *first = v->n_maps ? &v->maps[pick(w, (uint32_t)v->n_maps)] : NULL, *last = first;
	uint64_t end;

	if (!first)
		return plan_mem_create(w, c);
	command_words(c, "ioas unmap %s %#llx", ioas_word(w, first->ioas), (unsigned long long)first->iova);
	if (once_in(w, 2)) {
		last = &v->maps[pick(w, (uint32_t)v->n_maps)];
		last = last->ioas == first->ioas && last->iova >= first->iova ? last : first;
		end = last->iova + last->length;
		if (last->length > PAGE && once_in(w, 4)) {
			end -= PAGE;
			c->expected = REFUSED;
		}
		command_words(c, "%llu", (unsigned long long)(end - first->iova));
	}
	mind_program(w, c, first->ioas);
	end = last->iova + last->length;
	view_unmap(&c->after.session, first->ioas, first->iova, end - first->iova);
	view_unmap(&c->after.kernel, first->ioas, first->iova, end - first->iova);
}

static void plan_unmap_all(struct walk *w, struct command *c)
{
	uint32_t id = some_ioas(w);

	command_words(c, "ioas unmap %s --all", ioas_word(w, id));
	refuse_if(c, !w->model.session.ioases[id]);
	mind_program(w, c, id);
	view_unmap(&c->after.session, id, 0, UINT64_MAX);
	view_unmap(&c->after.kernel, id, 0, UINT64_MAX);
}

static size_t count_ioases(const struct view *v)
{
	size_t n = 0;

	for (int id = 1; id < IDS; id++)
		n += v->ioases[id] != 0;
	return n;
}

void plan_command(struct walk *w, struct command *c)
{
	static void (*const plans[])(struct walk *w, struct command *c) = {
		plan_bind, plan_bind, plan_unbind, plan_unbind,
		plan_attach, plan_attach, plan_attach, plan_attach, plan_detach,
		plan_ioas, plan_ioas, plan_destroy, plan_destroy,
		plan_mem_create, plan_mem_destroy,
		plan_map, plan_map, plan_map, plan_map, plan_map_fd, plan_unmap, plan_unmap,
		plan_stop,
	};

	command_begin(w, c);
	if (w->model.kernel.n_maps > MAPS / 2 || once_in(w, 40))
		plan_unmap_all(w, c);
	else if (count_ioases(&w->model.kernel) > MANY)
		plan_destroy(w, c);
	else
		plans[pick(w, sizeof(plans) / sizeof(*plans))](w, c);
}
