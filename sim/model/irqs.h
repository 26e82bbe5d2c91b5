/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SET_IRQS: event fds for a device's interrupts, as vfio-pci and as mtty take them. */
#ifndef IOMMUFD_SIM_IRQS_H
#define IOMMUFD_SIM_IRQS_H

#include "call.h"
#include "cdev.h"

int set_irqs_ioctl(struct vfio_call *call);
void irqs_close(struct sim_device *device);

#endif
