/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One open of a device's cdev. The device is bound through one of them, until that is closed. */
#ifndef IOMMUFD_SIM_CDEV_H
#define IOMMUFD_SIM_CDEV_H

#include "device.h"

struct sim_cdev {
	struct sim_device *device;
	struct sim_context *context; /* NULL: not bound */
};

/* An ioctl on a cdev that is bound. */
struct vfio_call {
	struct sim_device *device;
	struct sim_caller *caller;
	uint64_t address;
};

#endif
