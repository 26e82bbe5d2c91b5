/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_MIGRATION_H
#define CLI_VERBS_MIGRATION_H

#include "engine/command.h"

extern const struct verb verb_migration_get, verb_migration_set, verb_migration_save, verb_migration_load;

#endif
