/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claim: a device goes from its driver to one of VFIO, or all stays as it is. */
#include "verbs/claim.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "claim/identity.h"
#include "machine/group.h"
#include "resolve/find.h"
#include "verbs/claim-judge.h"
#include "verbs/claim-rights.h"
#include "verbs/claim-show.h"

enum { OPT_DRIVER = OPT_CLAIM_LAST, OPT_GROUP, OPT_DRY_RUN };

/* What is asked for, once. */
struct wish {
	const struct call *call;
	const char *driver; /* NULL: the best */
	bool dry_run;
};

/* ---- which devices ---- */

static int add_words(const struct call *call, struct targets *targets)
{
	struct machine_device device;

	for (int i = 0; i < call->n_args; i++) {
		int rc = find_device(call, call->args[i], &device);

		if (rc)
			return rc;
		if (targets_add(targets, &device) < 0)
			return msg_fail_errno(call->output, call->args[i], ENOMEM);
	}
	return EXIT_DONE;
}

struct members {
	struct targets *targets;
	int error;
};

static bool add_keeper(void *arg, const struct machine_device *member)
{
	struct members *members = arg;

	if (machine_keeps_group(member))
		members->error = targets_add(members->targets, member);
	return members->error == 0;
}

static int add_groups(const struct call *call, struct targets *targets)
{
	struct members members = { .targets = targets };
	size_t named = targets->count;

	for (size_t i = 0; i < named && opt_given(call, OPT_GROUP) && members.error == 0; i++)
		if (targets->items[i].device.group >= 0)
			machine_each_member(targets->items[i].device.group, add_keeper, &members);
	return members.error < 0 ? msg_fail_errno(call->output, NULL, members.error) : EXIT_DONE;
}

/* ---- how each of them is ---- */

static bool has_rights(const struct target *target, const struct node_rights *wanted)
{
	struct node_rights now;
	char cdev[32];

	if (!node_rights_given(wanted))
		return true;
	return machine_cdev(&target->device, cdev, sizeof(cdev)) &&
	       node_owner(cdev, &now.owner, &now.group, &now.mode) &&
	       (wanted->owner == (uid_t)-1 || wanted->owner == now.owner) &&
	       (wanted->group == (gid_t)-1 || wanted->group == now.group) &&
	       (wanted->mode == (mode_t)-1 || wanted->mode == now.mode);
}

/* A claim of another boot, or of the card that was here before: the device is not claimed. */
static void drop_stale(const struct call *call, struct target *target)
{
	const struct claim *claim = &target->claim;

	if (target->recorded != 0 || (claim_is_current(claim) && claim_is_of(claim, &target->device)))
		return;
	msg_note(call->output, "'%s': a claim of %s is forgotten", target->device.address,
		 claim_is_current(claim) ? "another device that was in its place" : "an earlier boot");
	target->recorded = -ENOENT;
}

static int check_claimed(const struct wish *wish, const struct node_rights *rights, struct target *target)
{
	const struct call *call = wish->call;
	const struct claim *claim = &target->claim;
	const char *address = target->device.address;

	if (strcmp(target->device.driver, claim->claimed) != 0) {
		msg_fail(call->output, address, "a claim of it was stopped, or its driver was changed since: it is %s, not %s",
			 *target->device.driver ? target->device.driver : "none", claim->claimed);
		msg_hint(call->output, PROGRAM " release %s", address);
		return EXIT_FAILED;
	}
	if (wish->driver && strcmp(wish->driver, claim->claimed) != 0) {
		msg_fail(call->output, address, "it is claimed already, for %s", claim->claimed);
		msg_hint(call->output, PROGRAM " release %s", address);
		return EXIT_FAILED;
	}
	target->is_kept = has_rights(target, rights);
	return EXIT_DONE;
}

static int look_at(const struct wish *wish, const struct node_rights *rights, struct target *target)
{
	const struct machine_device *device = &target->device;

	if (!target->is_there)
		return fail_find_device(wish->call, device->address, -ENODEV);
	drop_stale(wish->call, target);
	if (target->recorded == 0)
		return check_claimed(wish, rights, target);
	if (target->recorded != -ENOENT)
		return target_fail_record(wish->call, target);
	target->moves = !device->is_vfio || (wish->driver && strcmp(wish->driver, device->driver) != 0);
	target->is_kept = !target->moves && has_rights(target, rights);
	return EXIT_DONE;
}

/* ---- the driver ---- */

static int fail_driver(const struct wish *wish, const struct target *target, int error)
{
	const struct call *call = wish->call;
	const struct machine_device *device = &target->device;
	const char *name = target->driver.name;

	switch (-error) {
	case EOPNOTSUPP:
		msg_fail(call->output, device->address, strcmp(device->bus, "mdev") == 0
			? "an mdev has the driver that it was made with, and no other"
			: "the bus '%s' has no driver of VFIO that could be chosen", device->bus);
		return EXIT_UNSUPPORTED;
	case ENOTUNIQ:
		msg_fail(call->output, device->address, "several modules are made for it: choose a driver with --driver");
		msg_hint(call->output, "modprobe --resolve-alias \"vfio_pci:$(cut -d: -f2- /sys/%s/modalias)\" names them",
			 device->path);
		return EXIT_FAILED;
	case ELIBACC:
		msg_fail(call->output, device->address, "this kernel has no driver %s yet, and without libkmod no module can "
							"be loaded", name);
		msg_hint(call->output, "modprobe %s, or install the package libkmod2", name);
		return EXIT_UNSUPPORTED;
	case ENOENT:
		msg_fail(call->output, device->address, "this kernel has no driver %s for the bus %s, and no module of that name",
			 name, device->bus);
		return EXIT_UNSUPPORTED;
	case ENOMEM:
		return msg_fail_errno(call->output, device->address, ENOMEM);
	default:
		return msg_fail(call->output, device->address, "the module '%s' cannot be loaded: %s (%s)",
				*target->driver.module ? target->driver.module : name, msg_error_text(error),
				iommufd_error_name(error));
	}
}

static int choose_driver(const struct wish *wish, struct target *target)
{
	int rc = 0;

	if (target->moves)
		rc = driver_choose(&target->device, wish->driver, &target->driver);
	else
		strcpy(target->driver.name, target->device.driver);
	if (rc == 0 && !wish->dry_run && target->moves)
		rc = driver_load(&target->device, &target->driver);
	if (rc < 0)
		return fail_driver(wish, target, rc);
	if (target->driver.is_plain)
		msg_verbose(wish->call->output, "'%s': without libkmod nobody knows of a driver that is made for it: %s",
			    target->device.address, target->driver.name);
	return EXIT_DONE;
}

/* ---- what is to be done ---- */

static int plan_claim(const struct wish *wish, const struct node_rights *rights, struct target *target)
{
	const char *module = wish->dry_run ? target->driver.module : "";
	size_t at;
	int rc;

	if (target->recorded != 0) {
		claim_describe(&target->device, &target->claim);
		strcpy(target->claim.claimed, target->driver.name);
	}
	steps_to_claim(&target->claim, module, &target->device, rights, &target->steps);
	if (target->recorded == 0) /* which keeps what was before the first claim */
		steps_leave_out(&target->steps, STEP_RECORD);
	rc = steps_check(&target->steps, &at);
	if (rc == -EACCES && wish->dry_run)
		return EXIT_DONE;
	if (rc == 0)
		return EXIT_DONE;
	target_fail(wish->call, target, &(struct target_failure){ &target->steps.items[at], rc });
	return EXIT_FAILED;
}

static int plan_all(const struct wish *wish, struct targets *targets)
{
	int rc = EXIT_DONE;

	for (size_t i = 0; i < targets->count && rc == EXIT_DONE; i++)
		rc = look_at(wish, &targets->rights, &targets->items[i]);
	rc = rc ?: targets_judge(wish->call, targets, opt_given(wish->call, OPT_FORCE));
	for (size_t i = 0; i < targets->count && rc == EXIT_DONE; i++)
		if (!targets->items[i].is_kept)
			rc = choose_driver(wish, &targets->items[i]) ?:
			     plan_claim(wish, &targets->rights, &targets->items[i]);
	return rc;
}

/* ---- doing it, and undoing it ---- */

static void undo_one(const struct call *call, struct targets *targets, struct target *target)
{
	struct target_failure failure;

	/* What has been claimed before stays so. */
	if (!target->is_begun || target->is_waited || target->recorded == 0)
		return;
	target_look(target);
	steps_back(&target->claim, target->is_there ? &target->device : NULL, &target->steps);
	if (target_run(targets, target, WAY_UNDO, &failure) == 0)
		return msg_hint(call->output, "%s is as it was before", target->device.address);
	target_fail(call, target, &failure);
	if (!failure.waiting)
		msg_hint(call->output, PROGRAM " release %s", target->device.address);
}

static int do_all(const struct wish *wish, struct targets *targets)
{
	struct target_failure failure;
	int rc = 0;

	for (size_t i = 0; i < targets->count && rc == 0; i++) {
		struct target *target = &targets->items[i];

		if (target->is_kept)
			continue;
		rc = target_run(targets, target, WAY_FORTH, &failure);
		if (rc == 0)
			continue;
		target_fail(wish->call, target, &failure);
		for (size_t back = i + 1; back-- > 0;)
			undo_one(wish->call, targets, &targets->items[back]);
	}
	return rc < 0 ? EXIT_FAILED : EXIT_DONE;
}

static int run_claim(struct call *call)
{
	const char *driver = opt_value(call, OPT_DRIVER);
	struct wish wish = { .call = call, .dry_run = opt_given(call, OPT_DRY_RUN) };
	struct targets targets;
	int rc;

	if (driver && strcmp(driver, "auto") != 0)
		wish.driver = driver;
	targets_init(&targets);
	rc = parse_rights(call, &targets.rights) ?: add_words(call, &targets) ?:
	     add_groups(call, &targets) ?: targets_lock(call, &targets, wish.dry_run) ?:
	     plan_all(&wish, &targets);
	if (rc == EXIT_DONE && wish.dry_run)
		rc = targets_print_steps(call, &targets);
	else if (rc == EXIT_DONE)
		rc = do_all(&wish, &targets) ?: targets_print(call, &targets);
	targets_free(&targets);
	return rc;
}

const struct verb verb_claim = {
	.name = "claim", .summary = "Take a device from its driver, for VFIO",
	.args = { { "DEV", ARG_CLAIMABLE, ARG_REPEATS } },
	.options = OPTIONS({ "driver", OPT_DRIVER, { "DRIVER|auto" }, "This driver; auto: the one that is made for it" },
		{ "group", OPT_GROUP, .help = "Claim what keeps its IOMMU group from VFIO, too" },
		{ "owner", OPT_OWNER, { "USER[:GROUP]" }, "Give the cdev to this user" },
		{ "mode", OPT_MODE, { "MODE" }, "Give the cdev these permissions: 660" },
		{ "force", OPT_FORCE, .help = "Also what is in use" },
		{ "dry-run", OPT_DRY_RUN, .help = "Only show what would be done" }),
	.example = PROGRAM " claim 0000:03:00.0 --mode 660",
	.alone = true, .run = run_claim,
};
