/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_DMA_LOG_H
#define CLI_VERBS_DMA_LOG_H

#include "engine/command.h"

extern const struct verb verb_dma_log_start, verb_dma_log_report, verb_dma_log_stop;

#endif
