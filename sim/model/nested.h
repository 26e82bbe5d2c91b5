/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables that a guest fills: below one of an IOAS, with VT-d; below a virtual IOMMU, with SMMUv3. */
#ifndef IOMMUFD_SIM_NESTED_H
#define IOMMUFD_SIM_NESTED_H

#include "hwpt.h"

/* HWPT_ALLOC below pt, before there is an object: -EOPNOTSUPP, -EINVAL. */
int nested_check(const struct call *call, struct object *pt, const struct idev *idev);
/* Reads what the caller says of it: 0 or -errno; hwpt is below pt then in any case. */
int nested_enter(const struct call *call, struct hwpt *hwpt, struct object *pt);
void nested_leave(struct hwpt *hwpt);

#endif
