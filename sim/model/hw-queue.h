/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HW_QUEUE_ALLOC: none of the IOMMUs here has queues that a guest can be given. */
#ifndef IOMMUFD_SIM_HW_QUEUE_H
#define IOMMUFD_SIM_HW_QUEUE_H

#include "call.h"

int hw_queue_alloc_ioctl(struct call *call);

#endif
