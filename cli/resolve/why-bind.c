/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/why-bind.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "machine/device.h"
#include "machine/group.h"
#include "machine/iommu.h"
#include "machine/users.h"
#include "resolve/why-cdev.h"
#include "util/process.h"

/* ---- who has it ---- */

/* A holder looks for them while others wait. */
static uint64_t end_of_patience(const struct call *call)
{
	return clock_ms() + (call->request->holder ? 80 : 2000);
}

typedef char users_text[MACHINE_USERS * 48];

/* "4711 (qemu-system-x86), 4712 (bash)" */
static const char *list_users(users_text text, const struct machine_user *users, size_t n)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < n && used < sizeof(users_text); i++)
		used += (size_t)snprintf(text + used, sizeof(users_text) - used, "%s%d (%s)", i ? ", " : "",
					 (int)users[i].pid, users[i].command);
	return text;
}

static bool is_session(const struct machine_user *users, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(users[i].command, PROGRAM) == 0)
			return true;
	return false;
}

/* Ways to look for those that cannot be seen from here. */
static void hint_unseen(const struct call *call, const char *path)
{
	msg_hint(call->output, "no process that can be seen here has it open: 'fuser -v %s', as root and outside "
			       "of containers, shows all",
		 path);
}

static int fail_bound(const struct call *call, const char *word, const struct iommufd_device *info,
		      enum iommufd_op op)
{
	struct machine_user users[MACHINE_USERS];
	size_t n = machine_users_of_cdev(info->name, end_of_patience(call), users);
	users_text text;

	msg_fail_op_bare(call->output, word, op, EINVAL, info->kind);
	if (n) {
		msg_hint(call->output, "%s has it open, and a device is bound through one open cdev only",
			 list_users(text, users, n));
		if (is_session(users, n))
			msg_hint(call->output, "'" PROGRAM " session list' shows whose session it is");
		return EXIT_FAILED;
	}
	if (op == IOMMUFD_OP_BIND_TOKEN)
		msg_hint_op(call->output, op, EINVAL, info->kind);
	hint_unseen(call, info->cdev);
	return EXIT_FAILED;
}

static int fail_group_open(const struct call *call, const char *word, const struct iommufd_device *info)
{
	struct machine_user users[MACHINE_USERS];
	size_t n = info->group < 0 ? 0 : machine_users_of_group(info->group, end_of_patience(call), users);
	users_text text;
	char path[32];

	msg_fail_op_bare(call->output, word, IOMMUFD_OP_BIND, EBUSY, info->kind);
	snprintf(path, sizeof(path), "/dev/vfio/%d", info->group);
	if (n)
		msg_hint(call->output, "%s has %s open: it goes through the group, and has to close that first",
			 list_users(text, users, n), path);
	else if (info->group >= 0)
		hint_unseen(call, path);
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

static bool tell_driver(void *arg, const struct machine_device *member)
{
	struct siblings *siblings = arg;
	const struct output *output = siblings->call->output;

	if (is_itself(siblings, member) || !machine_keeps_group(member))
		return true;
	if (!siblings->found++)
		msg_fail(output, siblings->word, "%s of its IOMMU group, %d, has a driver of the host, %s (EPERM)",
			 member->address, siblings->info->group, member->driver);
	else
		msg_hint(output, "so has %s, %s", member->address, member->driver);
	msg_hint(output, "if nothing here needs that: echo %s >/sys/bus/%s/devices/%s/driver/unbind",
		 member->address, member->bus, member->address);
	return true;
}

static int fail_not_remapped(const struct call *call, const char *word)
{
	static const char *const words[] = { "intremap=off", "nointremap" };

	msg_fail(call->output, word, "this machine does not remap interrupts: a device could send any of them (EPERM)");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (machine_booted_with(words[i]))
			msg_hint(call->output, "boot without %s", words[i]);
	msg_hint(call->output, "where whoever drives the device is trusted: "
			       "echo Y >/sys/module/iommufd/parameters/allow_unsafe_interrupts");
	return EXIT_FAILED;
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
		 is_session(users, n) ? " ('" PROGRAM " session list' shows the sessions)" : "");
	siblings->found++;
	return false;
}

static int fail_group_kept(const struct call *call, const char *word, const struct iommufd_device *info)
{
	struct siblings siblings = { .call = call, .word = word, .info = info,
				     .end = end_of_patience(call) };

	machine_each_member(info->group, tell_driver, &siblings);
	if (siblings.found)
		return EXIT_FAILED;
	if (machine_interrupt_remapping() == 0 && !machine_unsafe_interrupts_allowed())
		return fail_not_remapped(call, word);
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
		return fail_bound(call, word, info, op);
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
