/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_SESSION_H
#define CLI_VERBS_SESSION_H

#include "engine/command.h"

extern const struct verb verb_session_stop, verb_session_show, verb_session_restart;
extern const struct verb verb_session_take, verb_session_confirm, verb_session_keep;

#endif
