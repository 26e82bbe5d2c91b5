/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel offers: iommufd and its node, cdevs. */
#ifndef CLI_DOCTOR_KERNEL_H
#define CLI_DOCTOR_KERNEL_H

#include "doctor/doctor.h"

void check_iommufd(const struct doctor *doctor);
/* Why path did not open, NULL: /dev/iommu. error: what the kernel said; 0: what opened is no iommufd. */
void tell_iommufd(const struct doctor *doctor, const char *path, int error);
void check_cdevs(const struct doctor *doctor);

#endif
