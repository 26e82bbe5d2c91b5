/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_VEVENTQ_H
#define CLI_VERBS_VEVENTQ_H

#include "engine/command.h"

extern const struct verb verb_veventq_alloc, verb_veventq_read;

#endif
