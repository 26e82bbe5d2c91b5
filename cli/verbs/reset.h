/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_RESET_H
#define CLI_VERBS_RESET_H

#include "engine/command.h"

extern const struct verb verb_reset, verb_hot_reset;

#endif
