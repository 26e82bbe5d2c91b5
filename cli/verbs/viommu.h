/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_VIOMMU_H
#define CLI_VERBS_VIOMMU_H

#include "engine/command.h"

extern const struct verb verb_viommu_alloc, verb_vdevice_alloc, verb_hw_queue_alloc;

#endif
