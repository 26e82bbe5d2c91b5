/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A queue of pages that devices ask for: read from its file, answered by writes to it. */
#ifndef IOMMUFD_SIM_FAULT_H
#define IOMMUFD_SIM_FAULT_H

#include "call.h"
#include "device.h"

struct fault;

int fault_alloc_ioctl(struct call *call);
/* For a page table: 0 or -ENOENT. */
int fault_use(struct sim_context *context, uint32_t id, struct fault **fault);
void fault_put(struct fault *fault);
/* A device leaves a page table: what it has asked for needs no answer any more. fault may be NULL. */
void fault_forget_device(struct fault *fault, const struct idev *idev, uint32_t pasid);

#endif
