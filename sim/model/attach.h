/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical devices on page tables. A group goes through one; the first device of it is attached, the others
 * follow.
 */
#ifndef IOMMUFD_SIM_ATTACH_H
#define IOMMUFD_SIM_ATTACH_H

#include "hwpt.h"

#define NO_PASID 0u

/* To an IOAS or a page table: its id comes back in *pt_id. -ENOENT, -EINVAL, -EADDRINUSE... */
int device_attach(struct idev *idev, uint32_t pasid, uint32_t *pt_id);
int device_replace(struct idev *idev, uint32_t pasid, uint32_t *pt_id);
void device_detach(struct idev *idev, uint32_t pasid);
/* To this page table; for hwpt_paging_alloc(). */
int hwpt_attach(struct hwpt *hwpt, struct idev *idev, uint32_t pasid);
struct hwpt *hwpt_detach(struct idev *idev, uint32_t pasid);
/* What a device goes through with a PASID, or without one; NULL. */
struct hwpt *device_hwpt(const struct sim_device *device, uint32_t pasid);
/* Its group may be, and it alone not. */
bool idev_is_attached(const struct idev *idev);

#endif
