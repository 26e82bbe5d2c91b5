/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET_HW_INFO: what the driver of a device's IOMMU says of it. */
#ifndef IOMMUFD_SIM_HW_INFO_H
#define IOMMUFD_SIM_HW_INFO_H

#include "call.h"

#define CAP_DIRTY_TRACKING 1u /* of out_capabilities */

int hw_info_ioctl(struct call *call);

#endif
