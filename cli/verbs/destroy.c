/* SPDX-License-Identifier: GPL-2.0-or-later */
/* destroy: give objects back, or say who keeps them busy. */
#include "verbs/destroy.h"
#include <errno.h>
#include <string.h>

#include "context/ioas.h"
#include "context/taker.h"
#include "resolve/object.h"
#include "resolve/taker.h"
#include "verbs/destroy-foreign.h"
#include "verbs/finish.h"

enum { OPT_FOREIGN = OPT_OWN };

/* What of a device keeps an object busy. */
static bool hint_user(const struct call *call, const struct device *device, uint32_t id)
{
	const char *name = device_name(device);
	bool is_it = device->object.id == id;
	bool is_on_it = device->attachment == ATTACHED && (device->requested_pt == id || device->pt == id);
	bool found = is_it || is_on_it;

	if (is_it)
		msg_hint(call->output, "it is a bound device: " PROGRAM " unbind %s", name);
	else if (is_on_it)
		msg_hint(call->output, "'%s' is attached to it: " PROGRAM " detach %s", name, name);
	for (const struct pasid *pasid = device->pasids; pasid < device->pasids + device->n_pasids; pasid++) {
		if (pasid->requested_pt != id && pasid->pt != id)
			continue;
		msg_hint(call->output, "PASID %u of '%s' is attached to it: " PROGRAM " detach %s --pasid %u",
			 pasid->number, name, name, pasid->number);
		found = true;
	}
	return found;
}

/* Hardware queues of a vIOMMU go from the last one on, by their index. */
static const struct derived *last_queue(const struct context *ctx, const struct derived *queue)
{
	const struct derived *last = queue;

	for (size_t id = 0; id < ctx->ids.count; id++) {
		const struct derived *other = derived_by_id(ctx, (uint32_t)id);

		if (other && other->object.type == OBJECT_HW_QUEUE && other->parent == queue->parent &&
		    other->index > last->index)
			last = other;
	}
	return last == queue ? NULL : last;
}

static bool hint_last_queue(const struct call *call, uint32_t id)
{
	const struct derived *queue = derived_by_id(call->ctx, id), *last = NULL;

	if (queue && queue->object.type == OBJECT_HW_QUEUE)
		last = last_queue(call->ctx, queue);
	if (last)
		msg_hint(call->output, "hardware queues are destroyed from the last index on, which %u has: "
			 PROGRAM " destroy %u", last->object.id, last->object.id);
	return last;
}

/* What no object of this context does: other programs that were given an fd. */
static bool hint_others(const struct call *call, uint32_t id)
{
	const struct derived *derived = derived_by_id(call->ctx, id);

	if (derived && object_is_queue(&derived->object))
		msg_hint(call->output, "a program that was given the queue's fd has it open");
	else if (derived && derived->object.type == OBJECT_VIOMMU)
		msg_hint(call->output, "a program has a page of it mapped, or has made something of it; "
			 "these have a page of some iommufd: grep -l /dev/iommu /proc/[0-9]*/maps");
	else
		return false;
	for (size_t i = 0; i < call->ctx->n_takers; i++) {
		const struct taker *taker = &call->ctx->takers[i];

		if (strcmp(taker->what, IOMMUFD_WORD) == 0 && taker->pid && taker_is_alive(taker))
			msg_hint(call->output, "process %d was given the iommufd", taker->pid);
	}
	return true;
}

/* Who keeps an object busy, where this context knows. */
static bool hint_users(const struct call *call, uint32_t id)
{
	const struct derived *derived = derived_of(call->ctx, id);
	const struct taker *taker = taker_on(call->ctx, id);
	bool found = taker != NULL;

	if (taker)
		msg_hint(call->output, "%s, which was %s, was attached to it: it ends with that process",
			 taker_device(taker), taker_text(taker).text);

	for (size_t i = 0; i < call->ctx->devices.count; i++)
		found = hint_user(call, device_at(call->ctx, i), id) || found;
	if (!found && derived)
		msg_hint(call->output, "%s, %u, was made of it: " PROGRAM " destroy %u",
			 object_type_name(derived->object.type), derived->object.id, derived->object.id);
	return found || derived || hint_last_queue(call, id) || hint_others(call, id) ||
	       hint_foreign(call);
}

static int fail_destroy(const struct call *call, const char *ref, uint32_t id, int error)
{
	int rc = msg_fail_op_bare(call->output, ref, IOMMUFD_OP_DESTROY, error, IOMMUFD_KIND_UNKNOWN);

	if (error != -EBUSY || !hint_users(call, id))
		msg_hint_op(call->output, IOMMUFD_OP_DESTROY, error, IOMMUFD_KIND_UNKNOWN);
	return rc;
}

static int destroy_one(const struct call *call, const char *ref)
{
	uint64_t number;
	uint32_t id;
	int rc = need_id(call, ref, ~TYPE(MEMORY), &number);
	struct derived *derived;
	struct ioas *ioas;

	if (rc)
		return rc;
	id = (uint32_t)number;
	derived = derived_by_id(call->ctx, id);
	rc = derived ? derived_destroy(call->ctx, derived) : iommufd_destroy(call->ctx->iommufd, id);
	if (rc < 0)
		return fail_destroy(call, ref, id, rc);
	device_page_table_gone(call->ctx, id);
	ioas = ioas_by_id(call->ctx, id);
	if (ioas)
		ioas_drop(call->ctx, ioas);
	return EXIT_DONE;
}

static int check_words(const struct call *call)
{
	bool foreign = opt_given(call, OPT_FOREIGN);

	if (foreign && call->n_args)
		return msg_usage(call->output, "--foreign goes with no REF");
	if (foreign && call->ctx->borrowed)
		return msg_usage(call->output, "--foreign: all that is in an inherited iommufd is foreign");
	if (!foreign && opt_given(call, OPT_FORCE))
		return msg_usage(call->output, "--force goes with --foreign");
	if (!foreign && !call->n_args)
		return msg_usage(call->output, "an argument is missing: expected REF..., or --foreign");
	return EXIT_DONE;
}

/* One after the other: a session serves others between two, and ends with its client. */
static int run_destroy(struct call *call)
{
	struct progress here = { .done = 0 }, *at = call->request->progress ?: &here;
	int rc = check_words(call);

	if (rc)
		return rc;
	if (opt_given(call, OPT_FOREIGN))
		return destroy_foreign(call);
	while (at->done < (uint64_t)call->n_args && !at->given_up) {
		int one = destroy_one(call, call->args[at->done++]);

		at->failed += one != EXIT_DONE;
		at->code = one ?: at->code;
		if (at->done < (uint64_t)call->n_args && call_is_over_time(call))
			return EXIT_PAUSED;
	}
	if (at->failed && at->failed < call->n_args)
		return EXIT_PARTLY;
	return at->code ?: print_nothing(call->output);
}

const struct verb verb_destroy = {
	.name = "destroy", .summary = "Destroy objects, by id or name",
	.example = PROGRAM " destroy guest",
	.args = { { "REF", ARG_ID, ARG_OPTIONAL | ARG_REPEATS } },
	.options = OPTIONS(
		{ "foreign", OPT_FOREIGN, .help = "All that the context did not make" },
		{ "force", OPT_FORCE, .help = "Also what a program may need that was given the iommufd" }),
	.needs = NEEDS_IOMMUFD, .run = run_destroy, .go_on = run_destroy,
};
