/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_HWPT_H
#define CLI_VERBS_HWPT_H

#include "engine/command.h"

extern const struct verb verb_hwpt_alloc, verb_hwpt_invalidate;

#endif
