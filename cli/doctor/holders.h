/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes have a device. */
#ifndef CLI_DOCTOR_HOLDERS_H
#define CLI_DOCTOR_HOLDERS_H

#include "doctor/doctor.h"
#include "machine/users.h"

#include <stdbool.h>

typedef char users_text[MACHINE_USERS * 48];
/* "4711 (qemu-system-x86), 4712 (bash)" */
const char *list_users(users_text text, const struct machine_user *users, size_t n);

void check_holders(const struct doctor *doctor, const struct machine_device *device);
/* Is one of them a session's process? */
bool are_session(const struct machine_user *users, size_t n);
/* Those that hold it in one way, through this node; or that there are none which can be seen. */
void tell_holders(const struct doctor *doctor, enum machine_hold how, const char *node,
		  const struct machine_user *users, size_t n);

/* Whether an unbind of the device waits for a process; then by which that is. */
bool tell_waiting(const struct doctor *doctor, const struct machine_device *device);

#endif
