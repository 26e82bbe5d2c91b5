/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_LOW_POWER_H
#define CLI_VERBS_LOW_POWER_H

#include "engine/command.h"

extern const struct verb verb_low_power;

#endif
