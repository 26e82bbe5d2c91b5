/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's self-test calls an access is, to the model, an emulated device of its own that pins. */
#ifndef TRUTH_MODEL_ACCESS_H
#define TRUTH_MODEL_ACCESS_H

#include "model.h"

struct pinner;

/* Bound to the context, which is this fd of the caller, and attached: 0 or -errno. */
int pinner_open(struct sim *sim, struct sim_caller *caller, int context, uint32_t ioas,
		struct pinner **access);
void pinner_close(struct pinner *access);
int pinner_attach(struct pinner *access, struct sim_caller *caller, uint32_t ioas);
/* The number of what was pinned, or -errno. */
long pinner_pin(struct pinner *access, uint64_t iova, uint64_t length, bool write);
int pinner_unpin(struct pinner *access, uint32_t item);
int pinner_rw(struct pinner *access, uint64_t iova, void *bytes, uint64_t length, bool write);

#endif
