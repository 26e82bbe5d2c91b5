/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What 'show --json' says. The tool's own JSON, and no other, is read here: tests/unit checks its form. */
#include "walk.h"

/* The next object of an array, cut out; NULL behind the last. *at: behind "[". */
static char *next_row(char **at)
{
	char *row = *at + strspn(*at, ","), *end;

	if (*row != '{')
		return NULL;
	end = strchr(row, '}');
	*end = '\0';
	*at = end + 1;
	return row;
}

static const char *member(const char *row, const char *name)
{
	char key[32];
	const char *found;

	snprintf(key, sizeof(key), "\"%s\":", name);
	found = strstr(row, key);
	return found ? found + strlen(key) : "null";
}

static uint64_t number(const char *row, const char *name)
{
	return strtoull(member(row, name), NULL, 10); /* null: 0 */
}

/* A text up to its quote; "": null. */
static const char *text(const char *row, const char *name, char *to)
{
	*to = '\0';
	sscanf(member(row, name), "\"%63[^\"]", to);
	return to;
}

static char *array(struct walk *w, char *json, const char *name)
{
	char key[32], *found;

	snprintf(key, sizeof(key), "\"%s\":[", name);
	found = strstr(json, key);
	if (!found)
		fail(w, "show: no '%s' in %s", name, json);
	return found + strlen(key);
}

static void add_device(struct walk *w, struct view *v, const char *row)
{
	char room[64];
	int i = device_index(text(row, "device", room));

	if (i < 0)
		fail(w, "show: an unknown device: %s", row);
	v->devices[i].id = (uint32_t)number(row, "id");
	v->devices[i].ioas = (uint32_t)number(row, "asked");
	v->devices[i].pt = (uint32_t)number(row, "pt");
	v->devices[i].named = *text(row, "name", room);
}

static void add_map(struct view *v, const char *row)
{
	char room[64];
	int memory = *text(row, "memory", room) == 'm' ? room[1] - '0' : -1;

	view_map(v, &(struct map){ (uint32_t)number(row, "ioas"), number(row, "iova"), number(row, "length"),
				   number(row, "offset"), memory });
}

/* A row of what was handed to a program, if that is one of ours. */
static void add_handed(struct walk *w, struct view *v, const char *row)
{
	pid_t pid = (pid_t)number(row, "pid");
	char room[64];
	int i = device_index(text(row, "device", room));

	for (int k = 0; k < VMMS; k++)
		if (w->vmms[k].pid == pid && pid) {
			v->handed[i < 0 ? DEVICES : i]++;
			return;
		}
	fail(w, "show: handed to nobody: %s", row);
}

void show_parse(struct walk *w, char *json, struct view *v)
{
	char *devices = array(w, json, "devices"), *ioases = array(w, json, "ioas"), room[64];
	char *memories = array(w, json, "memories"), *maps = array(w, json, "mappings");
	char *handed = array(w, json, "handed"), *row;

	*v = (struct view){ 0 };
	while ((row = next_row(&devices)))
		add_device(w, v, row);
	while ((row = next_row(&ioases)))
		v->ioases[number(row, "id") % IDS] = *text(row, "name", room) ? *room : '-';
	while ((row = next_row(&memories)))
		if (*text(row, "name", room) == 'm')
			v->memories[(room[1] - '0') % MEMORIES] = number(row, "size");
	while ((row = next_row(&maps)))
		add_map(v, row);
	while ((row = next_row(&handed)))
		add_handed(w, v, row);
}
