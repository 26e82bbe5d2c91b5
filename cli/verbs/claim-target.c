/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/claim-target.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "claim/identity.h"
#include "claim/place.h"
#include "machine/files.h"
#include "verbs/claim-holders.h"

/* ---- which ---- */

void targets_init(struct targets *targets)
{
	*targets = (struct targets){ .dir = -1, .signals = { .fd = -1 } };
	targets->rights = (struct node_rights){ (uid_t)-1, (gid_t)-1, (mode_t)-1 };
}

void targets_free(struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++) {
		struct target *target = &targets->items[i];

		if (target->lock >= 0 && !target->is_waited)
			claims_unlock(targets->dir, target->name, target->lock);
		else if (target->lock >= 0)
			close(target->lock);
	}
	if (targets->dir >= 0)
		close(targets->dir);
	if (targets->signals.fd >= 0)
		signals_let_go(&targets->signals);
	free(targets->items);
}

static int add_new(struct targets *targets, const char *name, struct target **ret)
{
	struct target *grown;

	*ret = NULL;
	for (size_t i = 0; i < targets->count; i++)
		if (strcmp(targets->items[i].name, name) == 0)
			return 0;
	grown = reallocarray(targets->items, targets->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	targets->items = grown;
	*ret = &grown[targets->count++];
	**ret = (struct target){ .lock = -1, .recorded = -ENOENT };
	strcpy((*ret)->name, name);
	return 0;
}

int targets_add(struct targets *targets, const struct machine_device *device)
{
	struct target *target;
	char name[CLAIM_NAME];
	int rc;

	claim_name(name, device->bus, device->address);
	rc = add_new(targets, name, &target);
	if (target) {
		target->device = *device;
		target->is_there = true;
	}
	return rc;
}

int targets_add_gone(struct targets *targets, const char *bus, const char *address)
{
	struct target *target;
	char name[CLAIM_NAME];
	int rc;

	claim_name(name, bus, address);
	rc = add_new(targets, name, &target);
	if (target) {
		snprintf(target->device.bus, sizeof(target->device.bus), "%s", bus);
		snprintf(target->device.address, sizeof(target->device.address), "%s", address);
	}
	return rc;
}

void target_look(struct target *target)
{
	struct machine_device now;

	target->is_there = claim_look(target->device.bus, target->device.address, &now);
	if (target->is_there)
		target->device = now;
}

/* ---- locks and records ---- */

static int fail_place(const struct call *call, const char *name, int error)
{
	char path[256];

	if (claims_path(path, sizeof(path), name) < 0)
		return msg_fail_errno(call->output, name, ENAMETOOLONG);
	switch (-error) {
	case EPERM:
		msg_fail(call->output, path, "it belongs to another user, or others may write to it");
		msg_hint(call->output, "whoever can write there could have a release do anything: see who did that, and "
				       "remove it");
		return EXIT_FAILED;
	case EBADMSG:
		msg_fail(call->output, path, "it is no record of a claim, or a damaged one");
		msg_hint(call->output, "how the device was before is not known: remove the file, and change what is "
				       "to be changed by hand");
		return EXIT_FAILED;
	case EACCES:
		msg_fail_errno(call->output, path, error);
		msg_hint(call->output, "only root gives devices away: sudo " PROGRAM " %s", call->verb->name);
		return EXIT_FAILED;
	default:
		return msg_fail_errno(call->output, path, error);
	}
}

int target_fail_record(const struct call *call, const struct target *target)
{
	return fail_place(call, target->name, target->recorded);
}

int targets_fail_place(const struct call *call, int error)
{
	return fail_place(call, NULL, error);
}

static int lock_one(const struct call *call, struct targets *targets, struct target *target)
{
	int pid = 0;

	target->lock = claims_lock(targets->dir, target->name, &pid);
	if (target->lock >= 0)
		return EXIT_DONE;
	if (target->lock != -EAGAIN)
		return fail_place(call, NULL, target->lock);
	msg_fail(call->output, target->device.address, "another claim or release of it is under way (process %d)", pid);
	msg_hint(call->output, "if that lasts, it waits in the kernel for whoever has the device open");
	return EXIT_FAILED;
}

int targets_lock(const struct call *call, struct targets *targets, bool look)
{
	int rc = look ? 0 : signals_hold(&targets->signals);

	if (rc < 0) {
		targets->signals.fd = -1;
		return msg_fail_errno(call->output, NULL, rc);
	}
	targets->dir = claims_open(!look);
	if (targets->dir < 0)
		return look && targets->dir == -ENOENT ? EXIT_DONE : fail_place(call, NULL, targets->dir);
	for (size_t i = 0; i < targets->count; i++) {
		struct target *target = &targets->items[i];

		rc = look ? EXIT_DONE : lock_one(call, targets, target);
		if (rc)
			return rc;
		target->recorded = claim_read_in(targets->dir, target->name, &target->claim);
		/* What it was before it was locked another one may have changed. */
		target_look(target);
	}
	return EXIT_DONE;
}

/* ---- steps ---- */

int target_run(struct targets *targets, struct target *target, enum way way, struct target_failure *ret)
{
	struct work work = {
		.dir = targets->dir, .lock = target->lock, .name = target->name, .claim = &target->claim,
		.rights = targets->rights, .signals = &targets->signals, .back = way != WAY_FORTH,
		.deaf = way == WAY_UNDO,
	};
	size_t at;
	int rc = steps_run(&work, &target->steps, &at);

	targets->changed = targets->changed || work.changed;
	target->is_begun = target->is_begun || rc == 0 || target->steps.items[at].kind != STEP_RECORD;
	if (rc < 0)
		*ret = (struct target_failure){ &target->steps.items[at], rc, work.waiting };
	if (work.waiting) {
		target->is_waited = true;
		claims_note_pid(target->lock, work.waiting);
	}
	return rc;
}

static void fail_waiting(const struct call *call, const struct target *target, pid_t pid)
{
	msg_fail(call->output, target->device.address,
		 "%s has not let it go: process %d waits for that in the kernel, where no signal ends it (ETIMEDOUT)",
		 *target->device.driver ? target->device.driver : "its driver", (int)pid);
	msg_hint(call->output, "end what uses the device; behind that: " PROGRAM " release %s", target->device.address);
}

/* An unbind of before may wait for who holds it: until then no driver gets it. */
static bool hint_holders(const struct call *call, const struct target *target)
{
	struct buffer text = { .fd = -1 };
	bool found = target_holders(target, &text);

	if (found)
		msg_hint(call->output, "the kernel waits for it: %s", text.error ? "a process" : text.buf);
	free(text.buf);
	return found;
}

static void fail_taken(const struct call *call, const struct target *target, const char *driver, int error)
{
	const char *address = target->device.address;
	struct machine_device now;

	if (error == -ENXIO && machine_device_on(target->device.bus, address, &now) && *now.driver)
		msg_fail(call->output, address, "%s has it by now, not %s (ENXIO)", now.driver, *driver ? driver : "none");
	else if (error == -ENXIO)
		msg_fail(call->output, address, "%s did not take it (ENXIO)", driver);
	else if (error == -ETIMEDOUT)
		msg_fail(call->output, address, "%s took it, but there is no cdev of it (ETIMEDOUT)", driver);
	else if (error == -EOPNOTSUPP)
		msg_fail(call->output, address, "%s took it, and makes no cdev: this kernel has none for it, or it is no "
						"driver of VFIO (EOPNOTSUPP)", driver);
	else
		msg_fail_errno(call->output, address, error);
	if (error == -ENXIO && !hint_holders(call, target))
		msg_hint(call->output, "'dmesg | grep %s' shows why not", address);
}

static void fail_write(const struct call *call, const struct target *target,
		       const struct target_failure *failure)
{
	const char *name = iommufd_error_name(failure->error), *text = failure->step->text;
	char path[256];

	machine_path(IN_SYS, path, sizeof(path), "%s", failure->step->path);
	msg_fail(call->output, target->device.address, "%s takes no '%s': %s (%s)", path, text,
		 msg_error_text(failure->error), name);
}

void target_fail(const struct call *call, const struct target *target, const struct target_failure *failure)
{
	const char *address = target->device.address;

	if (failure->waiting)
		return fail_waiting(call, target, failure->waiting);
	if (failure->error == -EINTR) {
		msg_fail(call->output, address, "a signal came");
		return;
	}
	switch (failure->step->kind) {
	case STEP_WRITE:
		return fail_write(call, target, failure);
	case STEP_RECORD:
	case STEP_FORGET:
		fail_place(call, target->name, failure->error);
		return;
	case STEP_NODE:
		msg_fail(call->output, address, "its cdev cannot be given away: %s (%s)",
			 msg_error_text(failure->error), iommufd_error_name(failure->error));
		return;
	case STEP_BACK:
		return fail_taken(call, target, target->claim.driver, failure->error);
	default:
		return fail_taken(call, target, target->claim.claimed, failure->error);
	}
}
