/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices of the lab's machine, as far as the model goes. */
#ifndef MODEL_LAB_H
#define MODEL_LAB_H

#include "model.h"

enum { LAB_TESTDEV, LAB_EDU, LAB_EDU_0, LAB_EDU_1, LAB_MTTY, LAB_MDPY, LAB_DEVICES };

extern const struct sim_iommu_description lab_vtd; /* without scalable mode, as QEMU's is */
extern const struct sim_iommu_description lab_nesting_vtd; /* with all that the hardware can do */
extern const struct sim_iommu_description lab_smmu;

/* A machine with all of them; each one's address at its place. */
struct sim *lab_new(const char *kernel);
extern const struct sim_device_description lab_devices[LAB_DEVICES];

#endif
