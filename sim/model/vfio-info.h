/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What VFIO says of a device, its regions and its interrupts. */
#ifndef IOMMUFD_SIM_VFIO_INFO_H
#define IOMMUFD_SIM_VFIO_INFO_H

#include "call.h"
#include "cdev.h"

int info_ioctl(struct vfio_call *call);
int region_info_ioctl(struct vfio_call *call);
int irq_info_ioctl(struct vfio_call *call);

#endif
