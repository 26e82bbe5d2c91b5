/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_OPTION_H
#define CLI_VERBS_OPTION_H

#include "engine/command.h"

extern const struct verb verb_option_get, verb_option_set;
extern const struct verb verb_vfio_ioas_get, verb_vfio_ioas_set, verb_vfio_ioas_clear;

#endif
