/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/destroy-foreign.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "context/context.h"
#include "context/taker.h"
#include "output/table.h"
#include "resolve/taker.h"
#include "verbs/inventory.h"

static int take_foreign(const struct call *call, struct inventory *inventory)
{
	return inventory_take(call->ctx->iommufd, -1, call->ctx, inventory);
}

static const struct inventory_item *find_type(const struct inventory *inventory,
					       enum iommufd_object_type type)
{
	for (size_t i = 0; i < inventory->count; i++)
		if (inventory->items[i].type == type)
			return &inventory->items[i];
	return NULL;
}

/* Others may work with it: a program that lives, or whoever has a device bound to this iommufd. */
static int check_unused(const struct call *call, const struct inventory *inventory)
{
	const struct taker *taker = taker_of(call->ctx, IOMMUFD_WORD);
	const struct inventory_item *device = find_type(inventory, IOMMUFD_OBJECT_DEVICE);

	if (!inventory->count || opt_given(call, OPT_FORCE) || (!taker && !device))
		return EXIT_DONE;
	if (taker)
		msg_fail(call->output, NULL, "the iommufd was %s, which may need what it made (EBUSY)",
			 taker_text(taker).text);
	else
		msg_fail(call->output, NULL, "a program has a device bound to the iommufd, %u (EBUSY)",
			 device->id);
	hint_force(call);
	return EXIT_FAILED;
}

/*
 * From the last id on: what is made of something mostly has the higher one. What is busy has its turn again
 * when something else went. Returns how many went.
 */
static size_t destroy_each(const struct call *call, const struct inventory *inventory, bool *paused)
{
	size_t gone = 0;

	for (size_t i = inventory->count; i-- > 0 && !*paused;) {
		gone += iommufd_destroy(call->ctx->iommufd, inventory->items[i].id) == 0;
		*paused = gone && call_is_over_time(call);
	}
	return gone;
}

/* What goes now, after all, counts. */
static int fail_left(const struct call *call, const struct inventory *left, uint64_t *done)
{
	int rc = EXIT_DONE;
	char id[16];

	for (size_t i = 0; i < left->count; i++) {
		int error = iommufd_destroy(call->ctx->iommufd, left->items[i].id);

		if (error == 0) {
			++*done;
			continue;
		}
		snprintf(id, sizeof(id), "%u", left->items[i].id);
		rc = msg_fail_op_bare(call->output, id, IOMMUFD_OP_DESTROY, error, IOMMUFD_KIND_UNKNOWN);
	}
	if (rc)
		msg_hint(call->output, "what is bound to the iommufd, or has a page of it mapped, keeps it: "
			 "that ends with its program");
	return rc;
}

/* Each turn asks anew what there is: others may have been served between two. */
int destroy_foreign(struct call *call)
{
	struct progress here = { .done = 0 }, *at = call->request->progress ?: &here;
	struct inventory foreign = { 0 };
	bool paused = false;
	size_t gone = 0;
	int rc;

	if (at->given_up)
		return EXIT_FAILED;
	do {
		foreign.count = 0;
		rc = take_foreign(call, &foreign);
		rc = rc < 0 ? msg_fail_errno(call->output, NULL, rc) :
			      (at->done ? EXIT_DONE : check_unused(call, &foreign));
		gone = rc ? 0 : destroy_each(call, &foreign, &paused);
		at->done += gone;
	} while (gone && !paused);
	rc = rc ?: paused ? EXIT_PAUSED : fail_left(call, &foreign, &at->done);
	free(foreign.items);
	if (rc == EXIT_FAILED && at->done)
		return EXIT_PARTLY;
	return rc ?: print_number(call->output, "destroyed", at->done);
}

static const struct inventory_item *busy_maker(const struct inventory *foreign)
{
	return find_type(foreign, IOMMUFD_OBJECT_HWPT_NESTED) ?: find_type(foreign, IOMMUFD_OBJECT_VIOMMU) ?:
	       find_type(foreign, IOMMUFD_OBJECT_HWPT) ?: find_type(foreign, IOMMUFD_OBJECT_UNKNOWN);
}

bool hint_foreign(const struct call *call)
{
	const struct taker *taker = taker_of(call->ctx, IOMMUFD_WORD);
	struct inventory foreign = { 0 };
	const struct inventory_item *item = NULL;

	if (call->ctx->is_shared && take_foreign(call, &foreign) == 0)
		item = busy_maker(&foreign);
	if (item && taker)
		msg_hint(call->output, "the iommufd was %s: %s %u, which it may have made of it, ends with "
			 PROGRAM " destroy --foreign --force", taker_text(taker).text,
			 inventory_type_name(item->type), item->id);
	else if (item)
		msg_hint(call->output, "%s %u may be made of it, by a program that had the iommufd: "
			 PROGRAM " destroy --foreign", inventory_type_name(item->type), item->id);
	free(foreign.items);
	return item;
}
