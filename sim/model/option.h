/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IOMMU_OPTION: whom a context charges, huge pages of an IOAS. */
#ifndef IOMMUFD_SIM_OPTION_H
#define IOMMUFD_SIM_OPTION_H

#include "ioas.h"

int option_ioctl(struct call *call);
/* -EINVAL, -EADDRINUSE; with the lock iova */
int ioas_use_small_pages(struct ioas *ioas);

#endif
