/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/why-bind.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor/device.h"
#include "doctor/driver.h"
#include "doctor/holders.h"
#include "doctor/iommu.h"
#include "machine/device.h"
#include "machine/group.h"
#include "resolve/finding.h"
#include "resolve/why-cdev.h"

/* ---- who has it ---- */

static int fail_bound(const struct call *call, const char *word, const struct iommufd_device *info,
		      enum iommufd_op op)
{
	struct machine_user users[MACHINE_USERS];
	size_t n = machine_users_of_cdev(info->name, end_of_patience(call), users);
	const struct doctor doctor = doctor_hints(call->output);

	msg_fail_op_bare(call->output, word, op, EINVAL, info->kind);
	if (!n && op == IOMMUFD_OP_BIND_TOKEN)
		msg_hint_op(call->output, op, EINVAL, info->kind);
	tell_holders(&doctor, HOLD_CDEV, info->cdev, users, n);
	return EXIT_FAILED;
}

/* The kernel keeps a device for the firmware. */
static int fail_direct(const struct call *call, const char *word, const struct iommufd_device *info)
{
	struct machine_device device;
	struct finding why;
	const struct doctor doctor = doctor_first(&why);

	if (info->kind != IOMMUFD_PHYSICAL || !machine_device(info->address, &device))
		return EXIT_DONE;
	check_obstacles(&doctor, &device);
	return why.id == HAS_DIRECT ? fail_finding(call->output, word, &why, EINVAL) : EXIT_DONE;
}

static int fail_group_open(const struct call *call, const char *word, const struct iommufd_device *info)
{
	struct machine_user users[MACHINE_USERS];
	size_t n = info->group < 0 ? 0 : machine_users_of_group(info->group, end_of_patience(call), users);
	const struct doctor doctor = doctor_hints(call->output);
	char path[32];

	msg_fail_op_bare(call->output, word, IOMMUFD_OP_BIND, EBUSY, info->kind);
	snprintf(path, sizeof(path), "/dev/vfio/%d", info->group);
	if (info->group >= 0)
		tell_holders(&doctor, HOLD_GROUP, path, users, n);
	return EXIT_FAILED;
}

/* ---- what keeps the group ---- */

struct siblings {
	const struct call *call;
	const char *word;
	const struct iommufd_device *info;
	uint64_t end;
	size_t found; /* those that are in the way */
};

static bool is_itself(const struct siblings *siblings, const struct machine_device *member)
{
	return strcmp(member->address, siblings->info->address) == 0;
}

static bool tell_kept(void *arg, const struct machine_device *member)
{
	struct siblings *siblings = arg;
	const struct output *output = siblings->call->output;
	struct finding why;
	const struct doctor doctor = doctor_first(&why);

	if (is_itself(siblings, member) || !machine_keeps_group(member))
		return true;
	tell_sibling(&doctor, member);
	if (!siblings->found++)
		msg_fail(output, siblings->word, "%s (EPERM)", why.fact);
	else
		msg_hint(output, "so has %s, %s", member->address, member->driver);
	msg_hint(output, "%s", why.mend);
	return true;
}

/* A sibling that another process has open may be in its iommufd: a group is in one. */
static bool tell_owner(void *arg, const struct machine_device *member)
{
	struct siblings *siblings = arg;
	const struct call *call = siblings->call;
	struct machine_user users[MACHINE_USERS];
	struct iommufd_device device;
	users_text text;
	size_t n;

	if (is_itself(siblings, member) || !member->is_vfio ||
	    iommufd_device_lookup(member->address, &device) < 0)
		return true;
	n = machine_users_of_cdev(device.name, siblings->end, users);
	if (!n)
		return true;
	msg_fail(call->output, siblings->word,
		 "another iommufd has its IOMMU group, %d: %s of it is open in %s (EPERM)", siblings->info->group,
		 member->address, list_users(text, users, n));
	msg_hint(call->output, "all devices of a group go to one iommufd: bind it there%s, or end the other one",
		 are_session(users, n) ? " ('" PROGRAM " session list' shows the sessions)" : "");
	siblings->found++;
	return false;
}

static int fail_group_kept(const struct call *call, const char *word, const struct iommufd_device *info)
{
	struct siblings siblings = { .call = call, .word = word, .info = info,
				     .end = end_of_patience(call) };
	struct finding interrupts;
	const struct doctor doctor = doctor_first(&interrupts);

	machine_each_member(info->group, tell_kept, &siblings);
	if (siblings.found)
		return EXIT_FAILED;
	tell_interrupts(&doctor);
	if (interrupts.state == STATE_FAILED)
		return fail_finding(call->output, word, &interrupts, EPERM);
	machine_each_member(info->group, tell_owner, &siblings);
	if (siblings.found)
		return EXIT_FAILED;
	return msg_fail_op(call->output, word, IOMMUFD_OP_BIND, EPERM, info->kind);
}

/* A virtual function: which physical one has to have the token first. */
static int fail_token(const struct call *call, const char *word, const struct iommufd_device *info,
		      enum iommufd_op op)
{
	char physical[64];

	if (!machine_physical_function(info->address, physical, sizeof(physical)))
		return msg_fail_op(call->output, word, op, EACCES, info->kind);
	msg_fail_op_bare(call->output, word, op, EACCES, info->kind);
	msg_hint(call->output, PROGRAM " bind %s --token UUID, and this one with the same UUID: whichever the physical "
			       "function was bound with", physical);
	return EXIT_FAILED;
}

int fail_bind(const struct call *call, const char *word, const struct iommufd_device *info,
	      enum iommufd_op op, int error)
{
	if (error == -EINVAL)
		return fail_direct(call, word, info) ?: fail_bound(call, word, info, op);
	if (error == -EACCES)
		return fail_token(call, word, info, op);
	if (error == -EBUSY)
		return fail_group_open(call, word, info);
	if (error == -EPERM && info->kind == IOMMUFD_PHYSICAL && info->group >= 0)
		return fail_group_kept(call, word, info);
	if (error == -ENODEV && info->kind == IOMMUFD_PHYSICAL && info->group < 0) {
		msg_fail_op_bare(call->output, word, op, error, info->kind);
		hint_no_iommu(call);
		return EXIT_FAILED;
	}
	return msg_fail_op(call->output, word, op, error, info->kind);
}
