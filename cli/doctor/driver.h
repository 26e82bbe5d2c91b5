/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who drives a device, and what drives those of its group. */
#ifndef CLI_DOCTOR_DRIVER_H
#define CLI_DOCTOR_DRIVER_H

#include "doctor/doctor.h"
#include "machine/device.h"

void check_driver(const struct doctor *doctor, const struct machine_device *device);
void tell_driver(const struct doctor *doctor, const struct machine_device *device);
void check_siblings(const struct doctor *doctor, const struct machine_device *device);
void tell_sibling(const struct doctor *doctor, const struct machine_device *sibling);

#endif
