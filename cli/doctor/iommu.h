/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's IOMMU: is it on, and why not; what the command line says of it; interrupts. */
#ifndef CLI_DOCTOR_IOMMU_H
#define CLI_DOCTOR_IOMMU_H

#include "doctor/doctor.h"

void check_iommu(const struct doctor *doctor);
void check_command_line(const struct doctor *doctor);
void tell_interrupts(const struct doctor *doctor);
/* The same; without an IOMMU there is nothing to tell of them. */
void check_interrupts(const struct doctor *doctor);
void check_noiommu_mode(const struct doctor *doctor);

#endif
