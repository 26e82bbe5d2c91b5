/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IOAS_CHANGE_PROCESS: the caller is charged from now on for what a context has pinned. */
#ifndef IOMMUFD_SIM_CHANGE_PROCESS_H
#define IOMMUFD_SIM_CHANGE_PROCESS_H

#include "call.h"

int change_process_ioctl(struct call *call);

#endif
