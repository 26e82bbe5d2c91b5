/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Views as text in one order: that is how they are compared, and shown when they differ. */
#include "walk.h"

static int compare_maps(const void *a, const void *b)
{
	const struct map *x = a, *y = b;

	if (x->ioas != y->ioas)
		return x->ioas < y->ioas ? -1 : 1;
	return (x->iova > y->iova) - (x->iova < y->iova);
}

static char *print_devices(const struct view *v, enum view_part part, char *at)
{
	for (int i = 0; i < DEVICES; i++) {
		if (!v->devices[i].id)
			continue;
		at += sprintf(at, "device %s %u", machine[i].cdev, v->devices[i].id);
		if (part != OF_KERNEL && v->devices[i].named)
			at += sprintf(at, " (d%d)", i);
		if (v->devices[i].ioas)
			at += sprintf(at, ": IOAS %u", v->devices[i].ioas);
		if (v->devices[i].ioas && part == OF_SESSION_PT)
			at += sprintf(at, " by %u", v->devices[i].pt);
		at += sprintf(at, "\n");
	}
	return at;
}

static char *print_maps(const struct view *v, char *at)
{
	struct map maps[MAPS];

	memcpy(maps, v->maps, sizeof(maps));
	qsort(maps, v->n_maps, sizeof(*maps), compare_maps);
	for (size_t i = 0; i < v->n_maps; i++) {
		at += sprintf(at, "IOAS %u: %#llx + %#llx", maps[i].ioas, (unsigned long long)maps[i].iova,
			      (unsigned long long)maps[i].length);
		if (maps[i].memory >= 0)
			at += sprintf(at, " m%d + %#llx", maps[i].memory, (unsigned long long)maps[i].offset);
		at += sprintf(at, "\n");
	}
	return at;
}

const char *view_text(const struct view *v, enum view_part part, char *to)
{
	char *at = print_devices(v, part, to);

	for (int id = 1; id < IDS; id++)
		if (v->ioases[id])
			at += sprintf(at, "IOAS %d %c\n", id, part == OF_KERNEL ? ' ' : v->ioases[id]);
	for (int i = 0; i < MEMORIES && part != OF_KERNEL; i++)
		if (v->memories[i])
			at += sprintf(at, "memory m%d %llu\n", i, (unsigned long long)v->memories[i]);
	for (int i = 0; i < DEVICES + 1 && part == OF_SESSION; i++)
		if (v->handed[i])
			at += sprintf(at, "handed %s to %d\n", i < DEVICES ? machine[i].cdev : "iommufd",
				      v->handed[i]);
	*print_maps(v, at) = '\0';
	return to;
}

bool view_is(const struct view *a, const struct view *b, enum view_part part)
{
	char a_text[TEXT], b_text[TEXT];

	return strcmp(view_text(a, part, a_text), view_text(b, part, b_text)) == 0;
}

void view_compare(struct walk *w, const char *a_name, const struct view *a, const char *b_name,
		  const struct view *b, enum view_part part)
{
	char a_text[TEXT], b_text[TEXT];

	if (view_is(a, b, part))
		return;
	fail(w, "%s and %s differ\n-- %s\n%s-- %s\n%s", a_name, b_name, a_name, view_text(a, part, a_text),
	     b_name, view_text(b, part, b_text));
}

void view_map(struct view *v, const struct map *map)
{
	if (v->n_maps < MAPS)
		v->maps[v->n_maps++] = *map;
}

void view_unmap(struct view *v, uint32_t ioas, uint64_t iova, uint64_t length)
{
	size_t kept = 0;

	for (size_t i = 0; i < v->n_maps; i++)
		if (v->maps[i].ioas != ioas || v->maps[i].iova < iova || v->maps[i].iova - iova >= length)
			v->maps[kept++] = v->maps[i];
	v->n_maps = kept;
}

void view_drop_ioas(struct view *v, uint32_t id)
{
	v->ioases[id] = 0;
	view_unmap(v, id, 0, UINT64_MAX);
}
