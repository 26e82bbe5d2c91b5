/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session exec in the holder: what the program's words name is found, or opened, and goes along. */
#ifndef CLI_VERBS_SESSION_GIVE_H
#define CLI_VERBS_SESSION_GIVE_H

#include "engine/value.h"

/* The options of session exec, which both its parts read. */
enum { OPT_DEVICE = OPT_OWN, OPT_UNBIND, OPT_SHARE_IOMMUFD, OPT_FOR };

/* The value of --device: DEV or DEV=NAME. Is it about this word? */
bool is_named_by(const char *option, const char *ref);

int session_give(struct call *call);

#endif
