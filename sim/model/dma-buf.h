/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regions of a device that others can do DMA to. Sleep and reset revoke what is mapped of them; afterwards
 * they can be mapped anew. The end of the device's use revokes them for good.
 */
#ifndef IOMMUFD_SIM_DMA_BUF_H
#define IOMMUFD_SIM_DMA_BUF_H

#include "feature.h"

/* The new fd, or -errno. */
int dma_buf_get(const struct feature *feature);
void dma_bufs_revoke(struct sim_device *device);
void dma_bufs_renew(struct sim_device *device);
void dma_bufs_close(struct sim_device *device);
/* Memory for a mapping of length bytes at start: 0, -EINVAL, -ENODEV where it is revoked, -ENOMEM. */
int dma_buf_backing(struct sim_file *file, uint64_t start, uint64_t length, struct sim_backing **backing);

#endif
