/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VFIO_DEVICE_FEATURE: its checks, and which feature goes where. */
#ifndef IOMMUFD_SIM_FEATURE_H
#define IOMMUFD_SIM_FEATURE_H

#include "call.h"
#include "cdev.h"
#include "uapi/vfio.h"

struct feature {
	struct vfio_call *call;
	uint32_t flags;
	uint64_t data; /* its address, behind the head */
	uint32_t len;
};

int feature_ioctl(struct vfio_call *call);
/* The device is awake. */
void low_power_end(struct sim_device *device);
/*
 * What each feature asks first: 1: go on; 0: only a probe; -EINVAL. ops: UAPI_VFIO_DEVICE_FEATURE_GET, _SET,
 * both.
 */
int feature_check(const struct feature *feature, uint32_t ops, uint32_t min_len);

#endif
