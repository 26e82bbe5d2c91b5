/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By what rules the model changes. */
#include <stdarg.h>

#include "walk.h"

bool is_handed(const struct walk *w, int device)
{
	for (int i = 0; i < VMMS; i++)
		if (w->vmms[i].pid && w->vmms[i].has[device])
			return true;
	return false;
}

bool is_moved_to(const struct walk *w, int device, uint32_t ioas)
{
	for (int i = 0; i < VMMS; i++)
		if (w->vmms[i].pid && w->vmms[i].moved[device] && (!ioas || w->vmms[i].ioas[device] == ioas))
			return true;
	return false;
}

bool is_sibling(int a, int b)
{
	return a != b && machine[a].group >= 0 && machine[a].group == machine[b].group;
}

/* A group has one page table: a device that comes new has to go where its group is. */
bool model_kernel_attaches(const struct view *kernel, int device, uint32_t ioas)
{
	if (!kernel->ioases[ioas])
		return false;
	for (int i = 0; i < DEVICES; i++)
		if (is_sibling(device, i) && kernel->devices[i].ioas && !kernel->devices[device].ioas &&
		    kernel->devices[i].ioas != ioas)
			return false;
	return true;
}

/* One that moves takes its group along. */
void model_attach_kernel(struct view *v, int device, uint32_t ioas)
{
	for (int i = 0; i < DEVICES; i++)
		if (is_sibling(device, i) && v->devices[i].ioas && v->devices[device].ioas)
			v->devices[i].ioas = ioas;
	v->devices[device].ioas = ioas;
}

void model_release(const struct walk *w, struct model *m)
{
	for (int i = 0; i < DEVICES; i++)
		if (!m->session.devices[i].id && !is_handed(w, i))
			memset(&m->kernel.devices[i], 0, sizeof(m->kernel.devices[i]));
}

static bool is_mapped(const struct view *v, int memory)
{
	for (size_t i = 0; i < v->n_maps; i++)
		if (v->maps[i].memory == memory)
			return true;
	return false;
}

void model_lose(const struct walk *w, struct model *m)
{
	for (int i = 0; i < DEVICES; i++)
		if (w->lost[i])
			memset(&m->session.devices[i], 0, sizeof(m->session.devices[i]));
	for (int i = 0; i < MEMORIES; i++)
		if (w->lost_memory[i] && !is_mapped(&m->session, i))
			m->session.memories[i] = 0;
	model_release(w, m);
}

void command_begin(struct walk *w, struct command *c)
{
	*c = (struct command){ .expected = DONE, .device = -1, .after = w->model };
}

void command_words(struct command *c, const char *format, ...)
{
	size_t len = strlen(c->text);
	char *at = c->text + len;
	va_list ap;

	/* Behind the words that are there; one blank becomes one NUL. */
	if (c->n)
		at = c->text + (c->words[c->n - 1] - c->text) + strlen(c->words[c->n - 1]) + 1;
	va_start(ap, format);
	vsnprintf(at, sizeof(c->text) - (size_t)(at - c->text), format, ap);
	va_end(ap);
	for (char *end; at; at = end ? end + 1 : NULL) {
		end = strchr(at, ' ');
		if (end)
			*end = '\0';
		c->words[c->n++] = at;
	}
}

/* One of its names, by the life of the walk. */
const char *device_word(struct walk *w, int device)
{
	static char name[8];

	if (w->model.session.devices[device].named && once_in(w, 2)) {
		snprintf(name, sizeof(name), "d%d", device);
		return name;
	}
	return once_in(w, 2) ? machine[device].cdev : machine[device].address;
}
