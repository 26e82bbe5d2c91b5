/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_IOAS_H
#define CLI_VERBS_IOAS_H

#include "engine/command.h"

extern const struct verb verb_ioas_alloc, verb_ioas_ranges, verb_ioas_allow, verb_ioas_change_process;

#endif
