/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_FAULT_H
#define CLI_VERBS_FAULT_H

#include "engine/command.h"

extern const struct verb verb_fault_alloc, verb_fault_read, verb_fault_respond;

#endif
