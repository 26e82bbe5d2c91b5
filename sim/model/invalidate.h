/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HWPT_INVALIDATE: what a guest changed. There is no cache here that could be out of date: its entries are
 * checked.
 */
#ifndef IOMMUFD_SIM_INVALIDATE_H
#define IOMMUFD_SIM_INVALIDATE_H

#include "call.h"

int invalidate_ioctl(struct call *call);

#endif
