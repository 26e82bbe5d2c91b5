/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA logging: a device notes itself which pages it writes to. Another start goes on with the same log, as in
 * mtty.
 */
#ifndef IOMMUFD_SIM_LOGGING_H
#define IOMMUFD_SIM_LOGGING_H

#include "feature.h"

int logging_start_feature(const struct feature *feature);
int logging_stop_feature(const struct feature *feature);
int logging_report_feature(const struct feature *feature);
void logging_stop(struct sim_device *device);
/* The device wrote there; with the lock iova. */
void logging_note(struct sim_device *device, uint64_t iova, uint64_t length);

#endif
