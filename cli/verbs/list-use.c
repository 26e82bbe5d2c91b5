/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/list-use.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "claim/record.h"
#include "machine/use.h"

enum { MOST_TEXTS = MACHINE_USES + 1 };

/* The names of all claims, in order. */
struct claims {
	char (*names)[CLAIM_NAME];
	size_t count, room;
	bool failed;
};

/* What the rows of a list are filled from. */
struct facts {
	struct machine_host *host; /* NULL: VFIO has all of them */
	struct claims claims;
	bool claims_known;
};

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
	if (!host || !machine_device_on(entry->bus, entry->address, &device))
		return false;
	machine_uses(host, &device, uses);
	for (size_t i = 0; i < uses->count; i++)
		if (uses->items[i].unknown)
			is_known = false;
		else
			texts->items[texts->count++] = uses->items[i].what;
	return is_known;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool is_claimed(const struct claims *claims, const struct machine_entry *entry)
{
	char name[CLAIM_NAME];

	if (!claims->count)
		return false;
	claim_name(name, entry->bus, entry->address);
	return bsearch(name, claims->names, claims->count, CLAIM_NAME, by_name);
}

static int read_row_uses(const struct facts *facts, struct list_row *row)
{
	struct machine_uses uses;
	struct texts texts = { .count = 0 };
	bool is_known = facts->claims_known;

	if (is_claimed(&facts->claims, row->entry))
		texts.items[texts.count++] = "claimed";
	is_known &= take_uses(facts->host, row->entry, &uses, &texts);
	if (!is_known && !texts.count)
		return 0;
	row->use = copy(&texts);
	return row->use ? 0 : -ENOMEM;
}

static bool note_claim(void *arg, const char *bus, const char *address)
{
	struct claims *claims = arg;

	if (claims->count == claims->room) {
		size_t room = claims->room ? 2 * claims->room : 16;
		void *grown = reallocarray(claims->names, room, CLAIM_NAME);

		claims->failed = !grown;
		if (!grown)
			return false;
		claims->names = grown;
		claims->room = room;
	}
	claim_name(claims->names[claims->count++], bus, address);
	return true;
}

/* Without a directory of records nothing is claimed; one that cannot be trusted tells nothing. */
static int read_claims(struct facts *facts)
{
	struct claims *claims = &facts->claims;
	int rc = claims_each(note_claim, claims);

	facts->claims_known = rc == 0;
	if (claims->count)
		qsort(claims->names, claims->count, CLAIM_NAME, by_name);
	return claims->failed || rc == -ENOMEM ? -ENOMEM : 0;
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
	struct facts facts = { .host = NULL };
	int rc = read_claims(&facts);

	if (rc == 0 && needs_host(rows, count)) {
		facts.host = machine_host_new(false);
		rc = facts.host ? 0 : -ENOMEM;
	}
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = read_row_uses(&facts, &rows[i]);
	machine_host_free(facts.host);
	free(facts.claims.names);
	return rc;
}

void list_uses_free(struct list_row *rows, size_t count)
{
	for (size_t i = 0; rows && i < count; i++)
		free(rows[i].use);
}
