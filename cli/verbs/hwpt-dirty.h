/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_HWPT_DIRTY_H
#define CLI_VERBS_HWPT_DIRTY_H

#include "engine/command.h"

extern const struct verb verb_hwpt_dirty;

#endif
