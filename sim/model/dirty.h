/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pages devices wrote to, by page table. */
#ifndef IOMMUFD_SIM_DIRTY_H
#define IOMMUFD_SIM_DIRTY_H

#include "hwpt.h"

int dirty_set_ioctl(struct call *call);
int dirty_get_ioctl(struct call *call);

/* With the lock iova: */
void dirty_record(struct hwpt *hwpt, uint64_t iova, uint64_t length);
/* What is unmapped is not dirty any more. */
void dirty_forget(struct hwpt *hwpt, uint64_t start, uint64_t last);
void dirty_clear(struct hwpt *hwpt);

#endif
