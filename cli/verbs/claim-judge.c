/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/claim-judge.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine/group.h"
#include "machine/obstacle.h"
#include "machine/use.h"
#include "resolve/why-cdev.h"
#include "verbs/claim-holders.h"

/* The reasons of one device, in one text. */
struct reasons {
	struct buffer text;
	size_t obstacles, uses, siblings, holders;
	bool is_off; /* the IOMMU */
	const struct call *call;
	const struct targets *targets;
	const struct target *target;
};

/* fact: where it was read, NULL: it stands in the reason. */
static void add_reason(struct reasons *reasons, const char *before, const char *what, const char *fact)
{
	struct buffer *text = &reasons->text;

	buf_str(text, text->len ? "; " : "");
	buf_str(text, before);
	buf_str(text, what);
	if (fact && *fact)
		buf_format(text, " (%s)", fact);
}

static void add_obstacles(struct reasons *reasons)
{
	struct machine_obstacle obstacles[MACHINE_OBSTACLES];

	reasons->obstacles = machine_obstacles(&reasons->target->device, obstacles);
	for (size_t i = 0; i < reasons->obstacles; i++) {
		add_reason(reasons, "", obstacles[i].what, obstacles[i].fact);
		reasons->is_off = reasons->is_off || obstacles[i].kind == OBSTACLE_OFF;
	}
}

static void add_uses(struct reasons *reasons, const struct machine_host *host)
{
	struct machine_uses uses;

	machine_uses(host, &reasons->target->device, &uses);
	for (size_t i = 0; i < uses.count; i++)
		add_reason(reasons, uses.items[i].unknown ? "" : "in use: ", uses.items[i].what, uses.items[i].fact);
	if (uses.more)
		add_reason(reasons, "", "and in use by more", NULL);
	reasons->uses += uses.count;
}

/* No force helps against those that VFIO would wait for. */
static void add_holders(struct reasons *reasons, bool force)
{
	struct buffer text = { .fd = -1 };
	bool waits = false;

	if (target_list_holders(reasons->target, force, &text, &waits)) {
		add_reason(reasons, "", text.error ? "a process holds it" : text.buf, NULL);
		reasons->holders += waits;
		reasons->uses += !waits;
	}
	free(text.buf);
}

static bool is_target(const struct targets *targets, const struct machine_device *device)
{
	char name[CLAIM_NAME];

	claim_name(name, device->bus, device->address);
	for (size_t i = 0; i < targets->count; i++)
		if (strcmp(targets->items[i].name, name) == 0)
			return true;
	return false;
}

static bool add_sibling(void *arg, const struct machine_device *member)
{
	struct reasons *reasons = arg;

	if (!machine_keeps_group(member) || is_target(reasons->targets, member))
		return true;
	buf_format(&reasons->text, "%s%s of its IOMMU group, %d, has a driver of the host, %s",
		   reasons->text.len ? "; " : "", member->address, member->group, member->driver);
	reasons->siblings++;
	return true;
}

static int tell(const struct reasons *reasons)
{
	const struct call *call = reasons->call;
	const char *address = reasons->target->device.address;

	msg_fail(call->output, address, "%.*s", (int)reasons->text.len, reasons->text.buf);
	if (reasons->is_off)
		hint_no_iommu(call);
	if (reasons->obstacles)
		return EXIT_FAILED;
	if (reasons->holders)
		msg_hint(call->output, "the kernel would wait for it: end that first");
	if (reasons->siblings)
		msg_hint(call->output, "a group goes to VFIO as a whole: --group claims %s, too",
			 reasons->siblings == 1 ? "that one" : "those");
	if (reasons->uses)
		msg_hint(call->output, "--force takes it from whoever uses it");
	return EXIT_FAILED;
}

/* Where its driver stays nobody loses it. */
static int judge_one(struct reasons *reasons, const struct machine_host *host, bool force)
{
	const struct target *target = reasons->target;
	int rc = EXIT_DONE;

	if (target->moves)
		add_obstacles(reasons);
	if (target->moves && !force)
		add_uses(reasons, host);
	/* One without a driver is not unbound: nothing would wait. To look at all processes takes time. */
	if (target->moves && *target->device.driver)
		add_holders(reasons, force);
	if (target->device.group >= 0)
		machine_each_member(target->device.group, add_sibling, reasons);
	if (reasons->text.error)
		rc = msg_fail_errno(reasons->call->output, target->device.address, reasons->text.error);
	else if (reasons->text.len)
		rc = tell(reasons);
	free(reasons->text.buf);
	return rc;
}

int targets_judge(const struct call *call, const struct targets *targets, bool force)
{
	struct machine_host *host = machine_host_new(true);
	int rc = EXIT_DONE;

	if (!host)
		return msg_fail_errno(call->output, NULL, ENOMEM);
	for (size_t i = 0; i < targets->count; i++) {
		struct reasons reasons = { .text = { .fd = -1 }, .call = call, .targets = targets,
					   .target = &targets->items[i] };

		if (!targets->items[i].is_kept && judge_one(&reasons, host, force) != EXIT_DONE)
			rc = EXIT_FAILED;
	}
	machine_host_free(host);
	return rc;
}
