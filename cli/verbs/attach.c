/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attach, replace, detach: the strict rules of context/device, for a device or one of its PASIDs. */
#include "verbs/attach.h"
#include <errno.h>
#include <stdio.h>

#include "persist/reconcile.h"
#include "resolve/device.h"
#include "resolve/taker.h"
#include "resolve/why-attach.h"
#include "verbs/finish.h"

#define PASID_OPTION { "pasid", OPT_PASID, { "P", ARG_NUMBER }, "For this PASID of the device alone" }

/* --pasid, which must be given. */
static int opt_pasid(const struct call *call, uint32_t *ret)
{
	*ret = opt_u32(call, OPT_PASID, 0);
	if (*ret && *ret < 1U << 20)
		return EXIT_DONE;
	return msg_usage(call->output, "--pasid: '%s' is not from 1 to 1048575", opt_value(call, OPT_PASID));
}

/* What to type instead: the other one of attach and replace. */
static void hint_instead(const struct call *call, const struct device *device, enum iommufd_op op)
{
	const char *pasid = opt_value(call, OPT_PASID), *dev = call->args[0], *pt = call->args[1];

	if (op == IOMMUFD_OP_STRICT_REPLACE && pasid)
		msg_hint(call->output, PROGRAM " attach %s %s --pasid %s", dev, pt, pasid);
	else if (op == IOMMUFD_OP_STRICT_REPLACE)
		msg_hint(call->output, "for the first time: " PROGRAM " attach %s %s", dev, pt);
	else if (pasid)
		msg_hint(call->output, PROGRAM " replace %s %s --pasid %s", dev, pt, pasid);
	else
		msg_hint(call->output, "it is attached to %u; to move it: " PROGRAM " replace %s %s", device->pt, dev,
			 pt);
}

static int fail_attach(const struct call *call, const struct device *device, enum iommufd_op op, int error)
{
	if (op != IOMMUFD_OP_STRICT_ATTACH && op != IOMMUFD_OP_STRICT_REPLACE)
		return fail_on_pt(call, call->args[error == -ENOENT ? 1 : 0], device, arg_u32(call, 1), op,
				  error);
	msg_fail_op_bare(call->output, call->args[0], op, error, device->info.kind);
	hint_instead(call, device, op);
	return EXIT_FAILED;
}

static int print_attached(const struct call *call, const struct device *device, int rc,
			  const struct attach_result *result)
{
	if (rc < 0)
		return fail_attach(call, device, result->op, rc);
	note_no_iommu(call, device_name(device), &device->info);
	return print_number(call->output, "pt", result->pt);
}

static void note_moved(void *arg, const struct device *sibling)
{
	msg_note(arg, "%s moved too: it is in the same IOMMU group, %d",
		 sibling->object.name ?: *sibling->info.address ? sibling->info.address : sibling->info.name,
		 sibling->info.group);
}

static int set_pasid(const struct call *call, bool replace)
{
	struct device *device = arg_device(call, 0);
	struct attach_result result;
	uint32_t number, pt = arg_u32(call, 1);
	int rc = opt_pasid(call, &number);

	if (rc)
		return rc;
	rc = replace ? device_replace_pasid(call->ctx, device, number, pt, &result)
		     : device_attach_pasid(call->ctx, device, number, pt, &result);
	return print_attached(call, device, rc, &result);
}

/* A device of the group that is another program's by now would move along with this one. */
static int check_group(const struct call *call, const struct device *device, uint32_t pt)
{
	const struct taker *taker = taker_in_group(call->ctx, device);

	if (!taker || opt_given(call, OPT_FORCE) || pt == device->pt || pt == device->requested_pt)
		return EXIT_DONE;
	msg_fail(call->output, call->args[0], "%s, of the same IOMMU group, was %s, and would move too (EBUSY)",
		 taker_device(taker), taker_text(taker).text);
	hint_force(call);
	return EXIT_FAILED;
}

static int set_device(const struct call *call, bool replace)
{
	struct device *device = arg_device(call, 0);
	uint32_t pt = arg_u32(call, 1);
	int rc = replace ? device_may_replace(device) : device_may_attach(device, pt);
	struct ioas *ioas = ioas_by_id(call->ctx, pt);
	struct attach_result result;

	if (replace && rc == 0 && check_group(call, device, pt) != EXIT_DONE)
		return EXIT_FAILED;
	if (ioas && rc == 0)
		ioas_renew(call->ctx, call->output, ioas);
	rc = replace ? device_replace(call->ctx, device, pt, note_moved, (void *)call->output, &result)
		     : device_attach(call->ctx, device, pt, note_moved, (void *)call->output, &result);
	return print_attached(call, device, rc, &result);
}

static int run_attach(struct call *call)
{
	return opt_given(call, OPT_PASID) ? set_pasid(call, false) : set_device(call, false);
}

static int run_replace(struct call *call)
{
	return opt_given(call, OPT_PASID) ? set_pasid(call, true) : set_device(call, true);
}

static int run_detach(struct call *call)
{
	struct device *device = arg_device(call, 0);
	uint32_t number;

	if (opt_given(call, OPT_PASID))
		return opt_pasid(call, &number) ?: finish(call, 0, IOMMUFD_OP_DETACH_PASID,
							  device_detach_pasid(call->ctx, device, number));
	if (device->attachment == DETACHED)
		msg_verbose(call->output, "nothing to do: '%s' is not attached", call->args[0]);
	return finish(call, 0, IOMMUFD_OP_DETACH, device_detach(call->ctx, device));
}

const struct verb verb_attach = {
	.name = "attach", .summary = "Attach a device to an IOAS or HWPT",
	.example = PROGRAM " attach nic guest",
	.details = "Prints the id that the device is now attached to. A device that is attached elsewhere is "
		   "refused: replace moves it. On an inherited cdev this cannot be known, and it is moved.",
	.args = { DEVICE_ARGUMENT, PT_ARGUMENT }, .options = OPTIONS(PASID_OPTION),
	.needs = NEEDS_CONTEXT, .makes = true, .run = run_attach,
};

const struct verb verb_replace = {
	.name = "replace", .summary = "Move it to another one, without a gap",
	.example = PROGRAM " replace nic other",
	.details = "Prints the id that the device is now attached to. All devices of its IOMMU group move. A "
		   "detached device is refused; on an inherited cdev this cannot be known, and it is attached.",
	.args = { DEVICE_ARGUMENT, PT_ARGUMENT },
	.options = OPTIONS(PASID_OPTION,
		{ "force", OPT_FORCE, .help = "Also where it moves the device of a program along" }),
	.needs = NEEDS_CONTEXT, .makes = true, .run = run_replace,
};

const struct verb verb_detach = {
	.name = "detach", .summary = "Detach a device",
	.example = PROGRAM " detach nic",
	.args = { DEVICE_ARGUMENT },
	.options = OPTIONS(PASID_OPTION), .needs = NEEDS_CONTEXT, .run = run_detach,
};
