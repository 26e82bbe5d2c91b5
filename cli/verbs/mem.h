/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_MEM_H
#define CLI_VERBS_MEM_H

#include "engine/command.h"

extern const struct verb verb_mem_create, verb_mem_dma_buf, verb_mem_list, verb_mem_destroy;

#endif
