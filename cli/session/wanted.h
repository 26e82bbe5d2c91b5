/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_SESSION_WANTED_H
#define CLI_SESSION_WANTED_H

#include "output/message.h"

/* Note the devices that sysfs does not show any more, though a session of this user has them. */
void sessions_note_wanted(const struct output *output);

#endif
