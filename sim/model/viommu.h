/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of an IOMMU that a guest is given. */
#ifndef IOMMUFD_SIM_VIOMMU_H
#define IOMMUFD_SIM_VIOMMU_H

#include "hwpt.h"

struct viommu {
	struct object object;
	const struct sim_iommu_description *iommu;
	struct hwpt *parent;
	TAILQ_HEAD(, vdevice) vdevices;
	TAILQ_HEAD(, veventq) queues;
};

int viommu_alloc_ioctl(struct call *call);
/* Can page tables be nested below it? */
bool viommu_nests(const struct viommu *viommu);

#endif
