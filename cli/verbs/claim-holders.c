/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/claim-holders.h"

#include "machine/users.h"
#include "util/process.h"

enum { HOLDERS_LIMIT_MS = 1000 };

static bool is_of_vfio(const struct machine_user *user)
{
	return user->how != HOLD_NODE;
}

size_t target_list_holders(const struct target *target, bool of_vfio, struct buffer *text, bool *ret_waits)
{
	struct machine_users users;
	struct machine_held held;
	size_t n = 0;

	machine_held_read(&held, clock_ms() + HOLDERS_LIMIT_MS);
	machine_users_of_device(&held, &target->device, &users);
	machine_held_free(&held);
	for (size_t i = 0; i < users.count; i++) {
		const struct machine_user *user = &users.items[i];

		if (of_vfio && !is_of_vfio(user))
			continue;
		buf_format(text, "%sprocess %d (%s) %s", n++ ? ", " : "", (int)user->pid, user->command,
			   machine_hold_text(user->how));
		if (*user->session)
			buf_format(text, " for the session '%s'", user->session);
		*ret_waits = *ret_waits || is_of_vfio(user);
	}
	buf_char(text, '\0');
	return n;
}

bool target_holders(const struct target *target, struct buffer *text)
{
	bool waits = false;

	return target_list_holders(target, true, text, &waits);
}
