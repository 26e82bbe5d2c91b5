/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_CONTEXT_CLOSE_H
#define CLI_CONTEXT_CLOSE_H

#include "context/context.h"

/* Close devices, then the iommufd, and free everything. */
void context_free(struct context *ctx);

#endif
