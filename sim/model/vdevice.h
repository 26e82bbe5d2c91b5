/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device as a guest's virtual IOMMU knows it. */
#ifndef IOMMUFD_SIM_VDEVICE_H
#define IOMMUFD_SIM_VDEVICE_H

#include "viommu.h"

struct vdevice {
	struct object object;
	struct viommu *viommu;
	struct idev *idev;
	uint64_t virt_id;
	TAILQ_ENTRY(vdevice) next;
};

int vdevice_alloc_ioctl(struct call *call);
/* The device goes. */
void vdevice_remove(struct idev *idev);

#endif
