/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_ATTACH_H
#define CLI_VERBS_ATTACH_H

#include "engine/command.h"

extern const struct verb verb_attach, verb_replace, verb_detach;

#endif
