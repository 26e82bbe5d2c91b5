/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of an address through a page table that a guest filled. */
#ifndef IOMMUFD_SIM_WALK_H
#define IOMMUFD_SIM_WALK_H

#include "hwpt.h"

/*
 * The IOVA of the page table that it is nested in: 0, or -EFAULT where the guest maps nothing, or not for
 * that. With the lock iova.
 */
int walk_first_stage(const struct hwpt *hwpt, uint64_t address, bool write, uint64_t *iova);

#endif
