/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "engine/command.h"

/* All verbs, ended by a group without a heading. */
extern const struct verb_group verb_groups[];

#endif
