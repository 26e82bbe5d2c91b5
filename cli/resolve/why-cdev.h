/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a device has no cdev, or its cdev is not there. The functions return an exit code, with its message. */
#ifndef CLI_RESOLVE_WHY_CDEV_H
#define CLI_RESOLVE_WHY_CDEV_H

#include "engine/command.h"

/* ENXIO of a lookup: the device has no VFIO driver. */
int fail_no_cdev(const struct call *call, const char *word);
/* What opening the cdev of a device that was found ended with. */
int fail_open_cdev(const struct call *call, const char *word, const struct iommufd_device *info, int error);
/* What to do on this machine about a device that has no IOMMU group. */
void hint_no_iommu(const struct call *call);

#endif
