/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_LIST_H
#define CLI_VERBS_LIST_H

#include "engine/command.h"

extern const struct verb verb_list;

#endif
