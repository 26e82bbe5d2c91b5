/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_MEM_IO_H
#define CLI_VERBS_MEM_IO_H

#include "engine/command.h"

extern const struct verb verb_mem_write, verb_mem_read;

#endif
