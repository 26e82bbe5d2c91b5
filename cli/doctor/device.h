/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device: its group, what forbids it, its node, what the host does with it, and who else has a say. */
#ifndef CLI_DOCTOR_DEVICE_H
#define CLI_DOCTOR_DEVICE_H

#include "doctor/doctor.h"
#include "machine/device.h"

void check_group(const struct doctor *doctor, const struct machine_device *device);
void check_obstacles(const struct doctor *doctor, const struct machine_device *device);
void check_node(const struct doctor *doctor, const struct machine_device *device);
/* The same, of a cdev by its name, "vfio0". */
void tell_node(const struct doctor *doctor, const char *cdev);
void check_use(const struct doctor *doctor, const struct machine_device *device);
void check_claimants(const struct doctor *doctor, const struct machine_device *device);

#endif
