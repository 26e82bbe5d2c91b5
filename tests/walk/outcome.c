/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of a step: all that can be asked must say what the model says. */
#include "walk.h"

/* The page table of a device is the kernel's own affair, but all must name the same one. */
static void check_page_tables(struct walk *w, const struct view *show, const struct view *kernel)
{
	for (int i = 0; i < DEVICES; i++)
		if (show->devices[i].id && show->devices[i].ioas == kernel->devices[i].ioas &&
		    show->devices[i].pt != kernel->devices[i].pt && !w->moved_by_others[i])
			fail(w, "%s is on %u, and show says %u", machine[i].cdev, kernel->devices[i].pt,
			     show->devices[i].pt);
}

/* The holder may have died, and what nobody kept is gone. */
static void lose(struct walk *w)
{
	model_lose(w, &w->model);
	for (int i = 0; i < DEVICES; i++)
		w->n_lost += w->lost[i];
	for (int i = 0; i < MEMORIES; i++) {
		w->dead_memory[i] |= w->lost_memory[i];
		w->dead_memory[i] &= w->model.session.memories[i] != 0;
	}
	memset(w->lost, 0, sizeof(w->lost));
	memset(w->lost_memory, 0, sizeof(w->lost_memory));
}

static void count_handed(const struct walk *w, struct view *v)
{
	memset(v->handed, 0, sizeof(v->handed));
	for (int i = 0; i < VMMS; i++) {
		v->handed[DEVICES] += w->vmms[i].has_iommufd;
		for (int d = 0; d < DEVICES; d++)
			v->handed[d] += w->vmms[i].has[d];
	}
}

void check_all(struct walk *w)
{
	struct view show, journal, kernel;

	count_handed(w, &w->model.session);
	session_show(w, &show);
	lose(w);
	view_compare(w, "show", &show, "what was asked for", &w->model.session, OF_SESSION);
	manager_pump(w);
	if (!w->manager.gone) {
		journal_view(w, &journal);
		view_compare(w, "the journal", &journal, "show", &show, OF_SESSION_PT);
		manager_check(w);
	}
	kernel_view(w, &kernel);
	view_compare(w, "the kernel", &kernel, "what it was asked for", &w->model.kernel, OF_KERNEL);
	check_page_tables(w, &show, &kernel);
	if (w->steps->opened != w->opened)
		fail(w, "the session opened the iommufd anew");
}

/* A device that a begun command may have moved: as it is now, if that is what one of both views says. */
static void resolve_device(struct walk *w, int i, const struct command *c, const struct view *show,
			   const struct view *kernel)
{
	uint32_t before = w->model.kernel.devices[i].ioas, after = c->after.kernel.devices[i].ioas;
	uint32_t now = kernel->devices[i].ioas;
	bool touched = c->device >= 0 && (i == c->device || is_sibling(i, c->device));

	if (now == before || now == after || (touched && show->devices[i].id && now == show->devices[i].ioas))
		c = NULL;
	if (c)
		fail(w, "%s is attached to %u, before it was %u, behind it %u, show says %u", machine[i].cdev, now,
		     before, after, show->devices[i].ioas);
}

static bool has_iommufd(const struct walk *w)
{
	for (int i = 0; i < VMMS; i++)
		if (w->vmms[i].pid && w->vmms[i].has_iommufd)
			return true;
	return false;
}

/*
 * IOASes that the session does not know. While a program has the iommufd they may be its own, and stay; those
 * that one has left behind may be taken for half of an allocation.
 */
static void resolve_strays(struct walk *w, struct model *m, const struct command *c,
			   const struct view *kernel)
{
	for (uint32_t id = 1; id < IDS; id++) {
		if (has_iommufd(w) && kernel->ioases[id] && c->after.kernel.ioases[id])
			m->kernel.ioases[id] = '-';
		if (!has_iommufd(w) && !m->session.ioases[id] && !kernel->ioases[id])
			view_drop_ioas(&m->kernel, id);
	}
}

static bool has_map(const struct view *v, const struct map *map)
{
	for (size_t i = 0; i < v->n_maps; i++)
		if (v->maps[i].ioas == map->ioas && v->maps[i].iova == map->iova)
			return true;
	return false;
}

/* Killed between two parts of a large unmapping: each part is done, or is not. */
static void resolve_parts(struct model *m, const struct command *c, const struct view *show)
{
	const struct view before = m->session;

	if (c->n < 2 || strcmp(c->words[1], "unmap") != 0)
		return;
	for (size_t i = 0; i < before.n_maps; i++) {
		const struct map *map = &before.maps[i];

		if (has_map(&c->after.session, map) || has_map(show, map))
			continue;
		view_unmap(&m->session, map->ioas, map->iova, map->length);
		view_unmap(&m->kernel, map->ioas, map->iova, map->length);
	}
}

/* By --force it may have taken its group along, also what programs have of that. */
static void note_done(struct walk *w, int device)
{
	w->moved_by_others[device] = false;
	for (int i = 0; i < VMMS; i++)
		for (int d = 0; d < DEVICES; d++)
			w->vmms[i].moved[d] &= !is_sibling(d, device);
}

void resolve(struct walk *w, const struct command *c)
{
	struct view show, journal, kernel;
	struct model next, after;
	bool done;

	session_settle(w);
	session_show(w, &show);
	memset(show.handed, 0, sizeof(show.handed)); /* it is looked at behind the step */
	memset(w->model.session.handed, 0, sizeof(w->model.session.handed));
	manager_pump(w);
	journal_view(w, &journal);
	kernel_view(w, &kernel);
	after = c->after;
	model_lose(w, &after);
	lose(w);
	memset(after.session.handed, 0, sizeof(after.session.handed));
	done = c->expected != REFUSED && view_is(&show, &after.session, OF_SESSION);
	next = done ? after : w->model;
	if (done && view_is(&show, &w->model.session, OF_SESSION) &&
	    view_is(&kernel, &w->model.kernel, OF_KERNEL))
		next = w->model;
	for (int i = 0; i < DEVICES; i++) {
		/* Behind the back of the session: what it holds, and a program has moved. */
		if (is_handed(w, i) || w->model.session.devices[i].ioas != w->model.kernel.devices[i].ioas) {
			resolve_device(w, i, c, &show, &kernel);
			next.kernel.devices[i].ioas = kernel.devices[i].ioas;
		}
	}
	resolve_strays(w, &next, c, &kernel);
	if (c->expected != REFUSED)
		resolve_parts(&next, c, &show);
	did(w, done ? " (done)" : " (not done)");
	w->model = next;
	if (done && c->device >= 0)
		note_done(w, c->device);
}

/* What nobody keeps is said with the answer. */
static void check_kept(struct walk *w, const struct command *c, const struct answer *a)
{
	char name[32];

	manager_pump(w);
	for (int i = 0; i < DEVICES; i++) {
		snprintf(name, sizeof(name), "dev-%s", machine[i].cdev);
		if (c->after.session.devices[i].id && !w->model.session.devices[i].id &&
		    manager_stored(w, name) < 0 && !strstr(a->err, "a crash of the session would lose"))
			fail(w, "nobody keeps %s, and the answer does not say so: %s", machine[i].cdev,
			     a->err);
	}
}

void acknowledged(struct walk *w, const struct command *c, const struct answer *a)
{
	bool is_done = a->code == 0;

	if ((c->expected == DONE && !is_done) || (c->expected == REFUSED && is_done))
		fail(w, "it should have been %s: exit code %d: %s%s", is_done ? "refused" : "done", a->code,
		     a->out, a->err);
	if (is_done && c->prints && strtoull(a->out, NULL, 0) != c->printed)
		fail(w, "it printed %s instead of %llu", a->out, (unsigned long long)c->printed);
	if (is_done)
		check_kept(w, c, a);
	w->refused += !is_done;
	did(w, is_done ? "" : " (refused)");
	if (is_done)
		w->model = c->after;
	if (is_done && c->device >= 0)
		note_done(w, c->device);
}
