/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings in two, as VFIO's first kind of container could do it. */
#ifndef IOMMUFD_SIM_CUT_H
#define IOMMUFD_SIM_CUT_H

#include "ioas.h"

/*
 * Where something is mapped at iova, it ends there and another mapping begins behind it: 0, -EBUSY, -EINVAL
 * where that cannot be, -ENOMEM. With the lock iova.
 */
int areas_cut(struct ioas *ioas, uint64_t iova);

#endif
