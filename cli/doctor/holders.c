/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/holders.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *list_users(users_text text, const struct machine_user *users, size_t n)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < n && used < sizeof(users_text); i++)
		used += (size_t)snprintf(text + used, sizeof(users_text) - used, "%s%d (%s)", i ? ", " : "",
					 (int)users[i].pid, users[i].command);
	return text;
}

bool are_session(const struct machine_user *users, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (*users[i].session || strcmp(users[i].command, "iommufdctl") == 0)
			return true;
	return false;
}

void tell_holders(const struct doctor *doctor, enum machine_hold how, const char *node,
		  const struct machine_user *users, size_t n)
{
	static const uint8_t answers[] = {
		[HOLD_CDEV] = HELD_OPEN, [HOLD_DELETED] = UNBIND_WAITS, [HOLD_PERHAPS] = UNBIND_MAY_WAIT,
		[HOLD_MAPPING] = HELD_MAPPED, [HOLD_GROUP] = HELD_THROUGH_GROUP, [HOLD_NODE] = HELD_BY_HOST,
	};
	const char *name = strrchr(node, '/');
	enum answer_id id = answers[how];
	users_text text;
	char pid[16];

	if (!n)
		return doctor_tell(doctor, NOBODY_SEEN, BLANKS({ "NODE", node }));
	if (how == HOLD_CDEV && are_session(users, n))
		id = n == 1 && *users->session ? HELD_BY_NAMED : HELD_BY_SESSION;
	snprintf(pid, sizeof(pid), "%d", (int)users->pid);
	doctor_tell(doctor, id,
		    BLANKS({ "WHO", list_users(text, users, n) }, { "PID", pid }, { "NODE", node },
			   { "NAME", name ? name + 1 : node }, { "SESSION", users->session }));
}

/* Those of one kind, but for this process, which only inherited it. */
static size_t select_users(const struct machine_users *users, enum machine_hold how,
			   struct machine_user ret[MACHINE_USERS])
{
	size_t n = 0;

	for (size_t i = 0; i < users->count; i++)
		if (users->items[i].how == how && users->items[i].pid != getpid())
			ret[n++] = users->items[i];
	return n;
}

/* A line for each kind of them, from the first to the last. How many there are. */
static size_t tell_kinds(const struct doctor *doctor, const struct machine_users *users,
			 enum machine_hold first, enum machine_hold last)
{
	struct machine_user some[MACHINE_USERS];
	size_t told = 0;

	for (enum machine_hold how = first; how <= last; how++) {
		size_t n = select_users(users, how, some);

		if (n)
			tell_holders(doctor, how, some->path, some, n);
		told += n;
	}
	return told;
}

bool tell_waiting(const struct doctor *doctor, const struct machine_device *device)
{
	struct machine_users users;

	machine_users_of_device(doctor->held, device, &users);
	return tell_kinds(doctor, &users, HOLD_DELETED, HOLD_PERHAPS) > 0;
}

void check_holders(const struct doctor *doctor, const struct machine_device *device)
{
	struct machine_users users;
	char node[64], cdev[32];

	machine_users_of_device(doctor->held, device, &users);
	if (tell_kinds(doctor, &users, HOLD_CDEV, HOLD_NODE) > 0)
		return;
	if (!users.unseen || !machine_cdev(device, cdev, sizeof(cdev)))
		return doctor_tell(doctor, NOBODY_HOLDS, NULL);
	snprintf(node, sizeof(node), "/dev/vfio/devices/%s", cdev);
	tell_holders(doctor, HOLD_CDEV, node, NULL, 0);
}
