/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states of a device that migrates, and the streams that its own state goes through, as in mtty. */
#ifndef IOMMUFD_SIM_MIGRATION_H
#define IOMMUFD_SIM_MIGRATION_H

#include "feature.h"

int migration_flags(const struct feature *feature);
int migration_state(const struct feature *feature);
int migration_size(const struct feature *feature);
/* Its streams end; the state stays. */
void migration_close(struct sim_device *device);
/* It runs again. */
void migration_reset(struct sim_device *device);

#endif
