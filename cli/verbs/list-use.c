/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/list-use.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine/use.h"

enum { MOST_TEXTS = MACHINE_USES + 1 };

/* The texts of one device, before they are copied. */
struct texts {
	const char *items[MOST_TEXTS];
	size_t count;
};

/* A table of pointers, and behind it what they point to: freed at once. */
static char **copy(const struct texts *texts)
{
	size_t size = (texts->count + 1) * sizeof(char *);
	char **table, *at;

	for (size_t i = 0; i < texts->count; i++)
		size += strlen(texts->items[i]) + 1;
	table = malloc(size);
	if (!table)
		return NULL;
	at = (char *)&table[texts->count + 1];
	for (size_t i = 0; i < texts->count; i++) {
		table[i] = strcpy(at, texts->items[i]);
		at += strlen(at) + 1;
	}
	table[texts->count] = NULL;
	return table;
}

/* What VFIO has is no longer of use to the host. What is on no bus, nobody knows. */
static bool take_uses(const struct machine_host *host, const struct machine_entry *entry,
		      struct machine_uses *uses, struct texts *texts)
{
	struct machine_device device;
	bool is_known = true;

	if (*entry->name)
		return true;
	if (!machine_device_on(entry->bus, entry->address, &device))
		return false;
	machine_uses(host, &device, uses);
	for (size_t i = 0; i < uses->count; i++)
		if (uses->items[i].unknown)
			is_known = false;
		else
			texts->items[texts->count++] = uses->items[i].what;
	return is_known;
}

static int read_uses(const struct machine_host *host, struct list_row *row)
{
	struct machine_uses uses;
	struct texts texts = { .count = 0 };
	bool is_known;

	is_known = take_uses(host, row->entry, &uses, &texts);
	if (!is_known && !texts.count)
		return 0;
	row->use = copy(&texts);
	return row->use ? 0 : -ENOMEM;
}

static bool needs_host(const struct list_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!*rows[i].entry->name)
			return true;
	return false;
}

int list_uses_read(struct list_row *rows, size_t count)
{
	struct machine_host *host = NULL;
	int rc = 0;

	if (needs_host(rows, count)) {
		host = machine_host_new(false);
		if (!host)
			return -ENOMEM;
	}
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = read_uses(host, &rows[i]);
	machine_host_free(host);
	return rc;
}

void list_uses_free(struct list_row *rows, size_t count)
{
	for (size_t i = 0; rows && i < count; i++)
		free(rows[i].use);
}
