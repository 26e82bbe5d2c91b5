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
	struct derived *kept;

	if (ctx->kind != CONTEXT_LASTING) {
		if (derived->fd >= 0)
			close(derived->fd);
		return 0;
	}
	kept = calloc(1, sizeof(*kept));
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
	iommufd_destroy(ctx->iommufd, derived->object.id);
	return -ENOMEM;
}

struct derived *derived_by_id(const struct context *ctx, uint32_t id)
{
	struct object *object = object_by_id(ctx, id);

	return object && object->type >= OBJECT_HWPT ? (struct derived *)object : NULL;
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
