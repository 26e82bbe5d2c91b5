/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What devices do to memory: all of it stands in model.h. */
#ifndef IOMMUFD_SIM_DMA_H
#define IOMMUFD_SIM_DMA_H

#include "model.h"

#endif
