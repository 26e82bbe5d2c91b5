/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_INFO_H
#define CLI_VERBS_INFO_H

#include "engine/command.h"

extern const struct verb verb_info;

#endif
