/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where something may be mapped: alignment, reserved and allowed ranges, the kernel's choice. With the lock
 * iova.
 */
#ifndef IOMMUFD_SIM_IOVA_H
#define IOMMUFD_SIM_IOVA_H

#include "ioas.h"

/*
 * The IOVA that the kernel takes for memory at an address, or an offset, of a file: -ENOSPC, -EOVERFLOW,
 * -EINVAL.
 */
int iova_choose(const struct ioas *ioas, bool huge_pages, uint64_t address, uint64_t length, uint64_t *iova);
/* Can that be mapped which is to be there? -EINVAL, -EOVERFLOW, -EEXIST */
int iova_check(const struct ioas *ioas, uint64_t iova, uint64_t length);
/* -EADDRINUSE where a mapping or an allowed range is there. */
int iova_reserve(struct ioas *ioas, uint64_t start, uint64_t last, const void *owner);
/* Do all mappings have this alignment? -EADDRINUSE */
int iova_check_alignment(const struct ioas *ioas, uint64_t alignment);
/* What those who use the IOAS need, after one came or went: 0 or -EADDRINUSE, and it stays as it was. */
int iova_update_alignment(struct ioas *ioas);

#endif
