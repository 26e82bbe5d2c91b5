/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TRUTH_REAL_ACCESS_H
#define TRUTH_REAL_ACCESS_H

#include "backend.h"

int real_access_create(struct backend *real, int context, uint32_t ioas);
int real_access_replace(struct backend *real, int access, uint32_t ioas);
long real_access_pin(struct backend *real, int access, uint64_t iova, uint64_t length, bool write);
int real_access_unpin(struct backend *real, int access, uint32_t item);
int real_access_rw(struct backend *real, int access, uint64_t iova, void *bytes, uint64_t length,
		   bool write);

#endif
