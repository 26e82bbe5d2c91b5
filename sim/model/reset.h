/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resets: of a device, and of all that share its bus. */
#ifndef IOMMUFD_SIM_RESET_H
#define IOMMUFD_SIM_RESET_H

#include "call.h"
#include "cdev.h"

int reset_ioctl(struct vfio_call *call);
int hot_reset_info_ioctl(struct vfio_call *call);
int hot_reset_ioctl(struct vfio_call *call);

#endif
