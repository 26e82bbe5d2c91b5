/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a context, which knows all kinds of objects. */
#include "context/close.h"
#include <stdlib.h>
#include <unistd.h>

#include "context/derived.h"
#include "context/device.h"
#include "context/ioas.h"
#include "context/memory.h"

void context_free(struct context *ctx)
{
	/* Devices first: each holds a reference on the iommufd, and uses the memory. */
	while (ctx->devices.count)
		device_drop(ctx, device_at(ctx, ctx->devices.count - 1));
	for (size_t id = 0; id < ctx->ids.count; id++) {
		struct ioas *ioas = ioas_by_id(ctx, (uint32_t)id);
		struct derived *derived = derived_by_id(ctx, (uint32_t)id);

		if (ioas)
			ioas_drop(ctx, ioas);
		if (derived)
			derived_drop(ctx, derived);
	}
	if (ctx->iommufd >= 0 && !ctx->borrowed)
		close(ctx->iommufd);
	while (ctx->memories.count)
		memory_drop(ctx, memory_at(ctx, ctx->memories.count - 1));
	free(ctx->devices.items);
	free(ctx->memories.items);
	free(ctx->ids.items);
	free(ctx->takers);
	context_init(ctx, CONTEXT_NONE);
}
