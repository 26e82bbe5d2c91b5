/* SPDX-License-Identifier: GPL-2.0-or-later */
/* release: a device that was claimed goes back to the driver that it had. */
#include "verbs/release.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "claim/identity.h"
#include "machine/find.h"
#include "verbs/claim-holders.h"
#include "verbs/claim-show.h"

enum { OPT_DRY_RUN = OPT_OWN };

/* ---- which devices ---- */

/* One of a record whose device may be gone. */
struct search {
	const char *word; /* NULL: all of them */
	struct targets *targets;
	size_t found;
	int error;
};

/* A PCI address may come without its domain. */
static bool is_word(const char *word, const char *address)
{
	return strcasecmp(word, address) == 0 ||
	       (strncmp(address, "0000:", 5) == 0 && strcasecmp(word, address + 5) == 0);
}

static bool add_recorded(void *arg, const char *bus, const char *address)
{
	struct search *search = arg;
	struct machine_device device;

	if (search->word && !is_word(search->word, address))
		return true;
	search->found++;
	if (machine_device_on(bus, address, &device))
		search->error = targets_add(search->targets, &device);
	else
		search->error = targets_add_gone(search->targets, bus, address);
	return search->error == 0;
}

static int add_records(const struct call *call, const char *word, struct targets *targets)
{
	struct search search = { .word = word, .targets = targets };
	int rc = claims_each(add_recorded, &search);

	if (rc < 0 && !word)
		return targets_fail_place(call, rc);
	if (search.error < 0)
		return msg_fail_errno(call->output, word, search.error);
	if (word && !search.found)
		return msg_fail(call->output, word, "there is no such device, and no claim of one");
	return EXIT_DONE;
}

static int add_word(const struct call *call, const char *word, struct targets *targets)
{
	struct machine_device device;

	if (machine_find_device(word, &device) < 0)
		return add_records(call, word, targets);
	return targets_add(targets, &device) < 0 ? msg_fail_errno(call->output, word, ENOMEM) : EXIT_DONE;
}

static int add_devices(const struct call *call, struct targets *targets)
{
	int rc = EXIT_DONE;

	if (opt_given(call, OPT_ALL))
		return add_records(call, NULL, targets);
	for (int i = 0; i < call->n_args && rc == EXIT_DONE; i++)
		rc = add_word(call, call->args[i], targets);
	return rc;
}

/* ---- how each of them is ---- */

static bool is_one_of(const char *text, const char *a, const char *b)
{
	return !*text || strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

/* Why there is nothing to put back; NULL: there is. */
static const char *stale(const struct target *target)
{
	const struct claim *claim = &target->claim;

	if (!claim_is_current(claim))
		return "the machine was started anew since";
	if (!target->is_there)
		return "the device is gone";
	if (!claim_is_of(claim, &target->device))
		return "another device is in its place";
	if (!is_one_of(target->device.driver, claim->driver, claim->claimed))
		return "another driver has it by now, which the claim did not give it";
	return NULL;
}

static int check_holders(const struct call *call, const struct target *target)
{
	struct buffer text = { .fd = -1 };
	int rc = EXIT_DONE;

	if (strcmp(target->device.driver, target->claim.driver) != 0 && target_holders(target, &text)) {
		rc = msg_fail(call->output, target->device.address, "%s (EBUSY)", text.error ? "a process holds it" : text.buf);
		msg_hint(call->output, "the kernel would wait for it: end that first");
	}
	free(text.buf);
	return rc;
}

/* The driver of before may have been unloaded since. */
static int check_driver(const struct call *call, const struct target *target, bool dry_run)
{
	const struct claim *claim = &target->claim;
	struct claim_driver driver = { 0 };
	int rc = 0;

	if (*claim->driver && strcmp(target->device.driver, claim->driver) != 0)
		rc = driver_choose(&target->device, claim->driver, &driver);
	if (rc == 0 && *driver.module && !dry_run)
		rc = driver_load(&target->device, &driver);
	if (rc == 0)
		return EXIT_DONE;
	msg_fail(call->output, target->device.address, "the driver that it had, %s, is not there any more (%s)", claim->driver,
		 iommufd_error_name(rc));
	msg_hint(call->output, "modprobe %s; " PROGRAM " release %s", claim->driver, target->device.address);
	return EXIT_FAILED;
}

/* An exit code, with its message. */
static int plan_release(const struct call *call, struct target *target, bool dry_run)
{
	const char *why;
	int rc;

	if (target->recorded == -ENOENT) {
		target->is_kept = true;
		msg_note(call->output, "'%s' is not claimed", target->device.address);
		return EXIT_DONE;
	}
	if (target->recorded < 0)
		return target_fail_record(call, target);
	why = stale(target);
	if (why)
		msg_note(call->output, "'%s': %s: the claim is forgotten, and nothing else changed", target->device.address, why);
	rc = why ? EXIT_DONE : check_holders(call, target) ?: check_driver(call, target, dry_run);
	if (rc == EXIT_DONE)
		steps_back(&target->claim, why ? NULL : &target->device, &target->steps);
	return rc;
}

static int release_one(const struct call *call, struct targets *targets, struct target *target, bool dry_run)
{
	struct target_failure failure;
	int rc = plan_release(call, target, dry_run);

	if (rc || dry_run || target->is_kept)
		return rc;
	if (target_run(targets, target, WAY_BACK, &failure) == 0)
		return EXIT_DONE;
	target_fail(call, target, &failure);
	if (!failure.waiting)
		msg_hint(call->output, "what was before is still known: " PROGRAM " release %s", target->device.address);
	return EXIT_FAILED;
}

static int release_all(const struct call *call, struct targets *targets, bool dry_run)
{
	size_t failed = 0;

	for (size_t i = 0; i < targets->count; i++)
		failed += release_one(call, targets, &targets->items[i], dry_run) != EXIT_DONE;
	if (dry_run && failed < targets->count)
		targets_print_steps(call, targets);
	else if (!dry_run && failed < targets->count)
		targets_print(call, targets);
	return !failed ? EXIT_DONE : failed < targets->count ? EXIT_PARTLY : EXIT_FAILED;
}

static int run_release(struct call *call)
{
	bool dry_run = opt_given(call, OPT_DRY_RUN), all = opt_given(call, OPT_ALL);
	struct targets targets;
	int rc;

	if (all == (call->n_args > 0))
		return msg_usage(call->output, all ? "--all goes without a device" : "an argument is missing: DEV, or --all");
	targets_init(&targets);
	targets.is_release = true;
	rc = add_devices(call, &targets) ?: targets_lock(call, &targets, dry_run);
	if (rc == EXIT_DONE && !targets.count)
		rc = targets_print(call, &targets);
	else if (rc == EXIT_DONE)
		rc = release_all(call, &targets, dry_run);
	targets_free(&targets);
	return rc;
}

const struct verb verb_release = {
	.name = "release", .summary = "Give a claimed device back to its driver",
	.args = { { "DEV", ARG_CLAIMED, ARG_OPTIONAL | ARG_REPEATS } },
	.options = OPTIONS({ "all", OPT_ALL, .help = "Everything that is claimed" },
		{ "dry-run", OPT_DRY_RUN, .help = "Only show what would be done" }),
	.example = PROGRAM " release 0000:03:00.0",
	.alone = true, .run = run_release,
};
