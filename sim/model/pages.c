/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"

#include <errno.h>
#include <stdlib.h>

/* Pages that are pinned count times. */
struct run {
	uint64_t first, last;
	unsigned int count;
	SLIST_ENTRY(run) next;
};

struct sim_backing *sim_backing_get(struct sim_backing *backing)
{
	__atomic_add_fetch(&backing->refs, 1, __ATOMIC_RELAXED);
	return backing;
}

void sim_backing_put(struct sim_backing *backing)
{
	if (backing && __atomic_sub_fetch(&backing->refs, 1, __ATOMIC_ACQ_REL) == 0)
		backing->ops->free(backing);
}

int pages_check(const struct version *version, uint64_t offset, uint64_t length)
{
	bool wraps = offset > UINT64_MAX - length;

	if (wraps && version->overflow_first)
		return -EOVERFLOW;
	if (!length || length > UINT64_MAX - PAGE)
		return -EINVAL;
	return wraps ? -EOVERFLOW : 0;
}

int pages_new(struct sim_backing *backing, uint64_t offset, uint64_t length, bool writable,
	      const struct payer *payer, struct pages **pages)
{
	struct payer put = *payer;

	*pages = calloc(1, sizeof(**pages));
	if (!*pages) {
		sim_backing_put(backing);
		payer_put(&put);
		return -ENOMEM;
	}
	(*pages)->backing = backing;
	(*pages)->base = offset - offset % PAGE;
	(*pages)->n = (length + offset % PAGE + PAGE - 1) / PAGE;
	(*pages)->payer = *payer;
	(*pages)->refs = 1;
	(*pages)->writable = writable;
	return 0;
}

struct pages *pages_get(struct pages *pages)
{
	pages->refs++;
	return pages;
}

void pages_put(struct pages *pages)
{
	if (--pages->refs)
		return;
	sim_backing_put(pages->backing);
	payer_put(&pages->payer);
	free(pages);
}

/* The next pages at or after first, up to last, that nobody pins; they are cut off there. */
static bool next_free(const struct pages *pages, uint64_t first, uint64_t last, struct sim_range *gap)
{
	const struct run *run;

	if (pages->whole)
		return false;
	SLIST_FOREACH(run, &pages->runs, next) {
		if (run->last < first)
			continue;
		if (run->first > first)
			break;
		first = run->last + 1;
	}
	if (first > last)
		return false;
	*gap = (struct sim_range){ first, run && run->first <= last ? run->first - 1 : last };
	return true;
}

static uint64_t count_free(const struct pages *pages, uint64_t first, uint64_t last)
{
	struct sim_range gap;
	uint64_t n = 0;

	for (; first <= last && next_free(pages, first, last, &gap); first = gap.last + 1)
		n += gap.last - gap.start + 1;
	return n;
}

uint64_t pages_pinned(const struct pages *pages)
{
	return pages->n - count_free(pages, 0, pages->n - 1);
}

/* Those from first up to last that nobody pins are let go of. */
static void release_free(struct pages *pages, uint64_t first, uint64_t last)
{
	struct sim_backing *backing = pages->backing;
	struct sim_range gap;

	if (!backing->ops->unpin)
		return;
	for (; first <= last && next_free(pages, first, last, &gap); first = gap.last + 1)
		backing->ops->unpin(backing, pages->base + gap.start * PAGE,
				    (gap.last - gap.start + 1) * PAGE);
}

static int hold_free(struct pages *pages, uint64_t first, uint64_t last)
{
	struct sim_backing *backing = pages->backing;
	uint64_t at = first;
	struct sim_range gap;
	int rc;

	if (!backing)
		return -EINVAL;
	if (!backing->ops->pin)
		return 0;
	for (; at <= last && next_free(pages, at, last, &gap); at = gap.last + 1) {
		rc = backing->ops->pin(backing, pages->base + gap.start * PAGE,
				       (gap.last - gap.start + 1) * PAGE, pages->writable);
		if (!rc)
			continue;
		if (gap.start > first)
			release_free(pages, first, gap.start - 1);
		return rc;
	}
	return 0;
}

/* Where a run reaches beyond page, a new one begins there. */
static int split_at(struct pages *pages, uint64_t page)
{
	struct run *run, *rest;

	SLIST_FOREACH(run, &pages->runs, next) {
		if (run->first >= page || run->last < page)
			continue;
		rest = malloc(sizeof(*rest));
		if (!rest)
			return -ENOMEM;
		*rest = (struct run){ .first = page, .last = run->last, .count = run->count };
		run->last = page - 1;
		SLIST_INSERT_AFTER(run, rest, next);
		break;
	}
	return 0;
}

static void uncount_pin(struct pages *pages, uint64_t first, uint64_t last)
{
	struct run *run, *next;

	for (run = SLIST_FIRST(&pages->runs); run; run = next) {
		next = SLIST_NEXT(run, next);
		if (run->first < first || run->last > last || --run->count)
			continue;
		SLIST_REMOVE(&pages->runs, run, run, next);
		free(run);
	}
}

static struct run *new_run(struct pages *pages, struct run *before, uint64_t first, uint64_t last)
{
	struct run *run = malloc(sizeof(*run));

	if (!run)
		return NULL;
	*run = (struct run){ .first = first, .last = last, .count = 1 };
	if (before)
		SLIST_INSERT_AFTER(before, run, next);
	else
		SLIST_INSERT_HEAD(&pages->runs, run, next);
	return run;
}

/* One more pin of first to last, of which each page belongs to one run or to none. */
static int count_pin(struct pages *pages, uint64_t first, uint64_t last)
{
	struct run *before = NULL, *run = SLIST_FIRST(&pages->runs);
	uint64_t at = first;

	for (; at <= last; at = run->last + 1) {
		for (; run && run->first < at; run = SLIST_NEXT(run, next))
			before = run;
		if (run && run->first == at) {
			run->count++;
			continue;
		}
		run = new_run(pages, before, at, run && run->first <= last ? run->first - 1 : last);
		if (run)
			continue;
		if (at > first)
			uncount_pin(pages, first, at - 1);
		return -ENOMEM;
	}
	return 0;
}

static int add_pin(struct pages *pages, uint64_t first, uint64_t last)
{
	int rc;

	if (first == 0 && last == pages->n - 1) {
		pages->whole++;
		return 0;
	}
	rc = split_at(pages, first);
	if (!rc)
		rc = split_at(pages, last + 1);
	return rc ? rc : count_pin(pages, first, last);
}

int pages_pin(struct pages *pages, uint64_t first, uint64_t last)
{
	uint64_t new = count_free(pages, first, last);
	int rc = hold_free(pages, first, last);

	if (rc)
		return rc;
	rc = charge(&pages->payer, new);
	if (rc) {
		release_free(pages, first, last);
		return rc;
	}
	rc = add_pin(pages, first, last);
	if (rc) {
		release_free(pages, first, last);
		uncharge(&pages->payer, new);
	}
	return rc;
}

void pages_unpin(struct pages *pages, uint64_t first, uint64_t last)
{
	if (first == 0 && last == pages->n - 1)
		pages->whole--;
	else
		uncount_pin(pages, first, last);
	release_free(pages, first, last);
	uncharge(&pages->payer, count_free(pages, first, last));
}

int pages_copy(struct pages *pages, uint64_t offset, void *bytes, size_t len, bool write)
{
	struct sim_backing *backing = pages->backing;

	if (!backing)
		return -EINVAL;
	if (write)
		return backing->ops->write(backing, pages->base + offset, bytes, len);
	return backing->ops->read(backing, pages->base + offset, bytes, len);
}
