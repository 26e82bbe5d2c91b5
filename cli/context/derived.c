/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "context/derived.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "context/observer.h"

static void close_queue(struct derived *derived)
{
	if (derived->fd >= 0)
		close(derived->fd);
	derived->fd = -1;
}

int derived_keep(struct context *ctx, const struct derived *derived, const char *name)
{
	struct derived *kept = ctx->kind == CONTEXT_LASTING ? malloc(sizeof(*kept)) : NULL;

	if (kept) {
		*kept = *derived;
		if (object_add(ctx, &kept->object, name) == 0) {
			observe_changed(ctx, &kept->object);
			return 0;
		}
		free(kept);
	}
	if (derived->fd >= 0)
		close(derived->fd);
	if (ctx->kind != CONTEXT_LASTING)
		return 0;
	iommufd_destroy(ctx->iommufd, derived->object.id);
	return -ENOMEM;
}

const struct derived *derived_of(const struct context *ctx, uint32_t id)
{
	for (size_t i = 0; i < ctx->ids.count; i++) {
		const struct derived *derived = derived_by_id(ctx, (uint32_t)i);

		if (derived && (derived->device == id || derived->parent == id || derived->queue == id))
			return derived;
	}
	return NULL;
}

void derived_drop(struct context *ctx, struct derived *derived)
{
	observe_gone(ctx, &derived->object);
	object_remove(ctx, &derived->object);
	close_queue(derived);
	free(derived);
}

int derived_destroy(struct context *ctx, struct derived *derived)
{
	bool had_fd = derived->fd >= 0;
	int rc;

	if (had_fd && derived_of(ctx, derived->object.id))
		return -EBUSY;
	observe_fd_gone(ctx, &derived->object);
	close_queue(derived);
	do
		rc = iommufd_destroy(ctx->iommufd, derived->object.id);
	while (rc == -EBUSY && had_fd && observe_wait_for_fd(ctx));
	if (rc == 0)
		derived_drop(ctx, derived);
	return rc;
}
