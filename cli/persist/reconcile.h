/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A restored context and the kernel are made to agree: what was acknowledged counts. */
#ifndef CLI_PERSIST_RECONCILE_H
#define CLI_PERSIST_RECONCILE_H

#include "context/device.h"
#include "context/ioas.h"
#include "output/message.h"

/* Attach or detach it once more, as was acknowledged. */
void reconcile_device(const struct output *output, struct device *device);
/* Map what is missing; pending: a command may have been killed in the middle, so unmap what is unknown. */
void reconcile_ioas(struct context *ctx, const struct output *output, struct ioas *ioas, bool pending);
/* Map what a process that ended had mapped again, if no hardware uses it: before the next attach. */
void ioas_renew(struct context *ctx, const struct output *output, struct ioas *ioas);

#endif
