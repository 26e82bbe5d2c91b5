/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device's driver is, by its name. */
#ifndef SIM_TOPOLOGY_DRIVER_H
#define SIM_TOPOLOGY_DRIVER_H

#include "topology/topology.h"

/* To the model. */
enum sim_driver driver_kind(const struct topology_device *device);
/* The number of the cdev that it has made. */
unsigned int driver_cdev_number(const struct topology_device *device);

#endif
