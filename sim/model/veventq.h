/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of a virtual IOMMU, read from a file. */
#ifndef IOMMUFD_SIM_VEVENTQ_H
#define IOMMUFD_SIM_VEVENTQ_H

#include "viommu.h"

int veventq_alloc_ioctl(struct call *call);

#endif
