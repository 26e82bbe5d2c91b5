/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --owner and --mode. */
#ifndef CLI_VERBS_CLAIM_RIGHTS_H
#define CLI_VERBS_CLAIM_RIGHTS_H

#include "claim/node.h"
#include "engine/command.h"

enum { OPT_OWNER = OPT_OWN, OPT_MODE, OPT_CLAIM_LAST };

/* What they say, where they are given. An exit code, with its message. */
int parse_rights(const struct call *call, struct node_rights *ret);

#endif
