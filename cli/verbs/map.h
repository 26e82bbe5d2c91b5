/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_MAP_H
#define CLI_VERBS_MAP_H

#include "engine/command.h"

extern const struct verb verb_ioas_map, verb_ioas_unmap, verb_ioas_copy;

#endif
