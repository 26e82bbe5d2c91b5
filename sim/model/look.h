/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sim_context_look(): what an iommufd holds, for who looks from outside. */
#ifndef IOMMUFD_SIM_LOOK_H
#define IOMMUFD_SIM_LOOK_H

#include "object.h"

#endif
