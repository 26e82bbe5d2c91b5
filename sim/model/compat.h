/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An iommufd as a VFIO container: one IOAS of it is what those calls mean. */
#ifndef IOMMUFD_SIM_COMPAT_H
#define IOMMUFD_SIM_COMPAT_H

#include "call.h"

int compat_ioas_ioctl(struct call *call);
/* What is none of iommufd's own. */
long compat_ioctl(struct call *call, unsigned long request);

#endif
