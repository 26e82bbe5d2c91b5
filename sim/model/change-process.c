/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "change-process.h"

#include <errno.h>

#include "areas.h"

/* Calls visit() for each mapping of a context, until it returns something. */
static int for_each_area(struct sim_context *context, int (*visit)(struct area *area, void *data), void *data)
{
	struct ioas *ioas;
	int rc = 0;

	for (uint32_t id = 1; !rc && id <= context->n_objects; id++) {
		struct area *area;

		ioas = object_find(context, id, OBJECT_IOAS);
		for (uint64_t at = 0; ioas && !rc && (area = area_find(ioas, at, UINT64_MAX));
		     at = area->node.last + 1) {
			rc = visit(area, data);
			if (area->node.last == UINT64_MAX)
				break;
		}
	}
	return rc;
}

/* Memory of a process cannot be charged to another one. */
static int check_file(struct area *area, void *data)
{
	(void)data;
	return area->pages->is_file ? 0 : -EINVAL;
}

static bool is_same(const struct payer *a, const struct payer *b)
{
	switch (a->mode) {
	case ACCOUNT_NONE:
		return true;
	case ACCOUNT_PROCESS:
		return a->process == b->process;
	default:
		return a->process == b->process && a->user == b->user;
	}
}

struct change {
	struct payer payer;
	uint64_t pages[ACCOUNT_PROCESS + 1]; /* that are to be charged, by mode */
};

/* Pages that several mappings share are visited several times: those that were seen say so. */
static int count(struct area *area, void *data)
{
	struct pages *pages = area->pages;
	struct change *change = data;

	if (pages->is_seen || is_same(&pages->payer, &change->payer))
		return 0;
	pages->is_seen = true;
	change->pages[pages->payer.mode] += pages_pinned(pages);
	return 0;
}

static int forget_seen(struct area *area, void *data)
{
	(void)data;
	area->pages->is_seen = false;
	return 0;
}

static int move(struct area *area, void *data)
{
	struct pages *pages = area->pages;
	const struct change *change = data;

	if (!pages->is_seen)
		return 0;
	pages->is_seen = false;
	uncharge(&pages->payer, pages_pinned(pages));
	payer_put(&pages->payer);
	sim_backing_get(change->payer.process);
	pages->payer.process = change->payer.process;
	pages->payer.user = change->payer.user;
	return 0;
}

static struct payer in_mode(const struct payer *payer, enum account_mode mode)
{
	return (struct payer){ payer->process, payer->user, mode };
}

/* The new one is charged before the old one is not: for a while both are. */
static int charge_caller(const struct change *change)
{
	struct payer user = in_mode(&change->payer, ACCOUNT_USER),
		     process = in_mode(&change->payer, ACCOUNT_PROCESS);
	int rc = charge(&user, change->pages[ACCOUNT_USER]);

	if (rc)
		return rc;
	rc = charge(&process, change->pages[ACCOUNT_PROCESS]);
	if (rc)
		uncharge(&user, change->pages[ACCOUNT_USER]);
	return rc;
}

static int change_all(struct sim_context *context, struct change *change)
{
	int rc = for_each_area(context, check_file, NULL);

	if (rc)
		return rc;
	for_each_area(context, count, change);
	rc = charge_caller(change);
	for_each_area(context, rc ? forget_seen : move, change);
	return rc;
}

int change_process_ioctl(struct call *call)
{
	struct sim *sim = call->context->sim;
	struct change change = { 0 };
	int rc;

	if (call->change_process.reserved)
		return -EOPNOTSUPP;
	rc = payer_of_caller(sim, call->caller, false, &change.payer);
	if (rc)
		return rc;
	lock(&sim->iova);
	rc = change_all(call->context, &change);
	unlock(&sim->iova);
	payer_put(&change.payer);
	return rc;
}
