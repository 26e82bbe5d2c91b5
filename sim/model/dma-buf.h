/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Regions of a device that others can do DMA to. A reset, or the end of its use, revokes them. */
#ifndef IOMMUFD_SIM_DMA_BUF_H
#define IOMMUFD_SIM_DMA_BUF_H

#include "feature.h"

/* The new fd, or -errno. */
int dma_buf_get(const struct feature *feature);
void dma_bufs_revoke(struct sim_device *device);
/* Memory for a mapping of length bytes at start, a reference: 0, -EINVAL, -ENODEV where it is revoked. */
int dma_buf_backing(struct sim_file *file, uint64_t start, uint64_t length, struct sim_backing **backing);

#endif
