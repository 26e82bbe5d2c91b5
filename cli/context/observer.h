/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is told what changes in a context, when it has changed: so that it can be written down. */
#ifndef CLI_CONTEXT_OBSERVER_H
#define CLI_CONTEXT_OBSERVER_H

#include "context/context.h"
#include "context/device.h"
#include "context/ioas.h"
#include "context/taker.h"

struct context_observer {
	/* The object is new, or another one than before. */
	void (*changed)(struct context_observer *observer, struct context *ctx, struct object *object);
	/* The object is about to be freed; or its fd alone is about to be closed. */
	void (*gone)(struct context_observer *observer, const struct object *object);
	void (*fd_gone)(struct context_observer *observer, const struct object *object);
	/* What the device has attached for that PASID is another one. */
	void (*pasid)(struct context_observer *observer, const struct device *device, uint32_t number);
	void (*mapped)(struct context_observer *observer, struct context *ctx, const struct ioas *ioas,
		       const struct mapping *mapping);
	void (*unmapped)(struct context_observer *observer, uint32_t ioas, uint64_t iova, uint64_t length);
	/* What is mapped of the BARs of the device with that cdev is revoked. */
	void (*revoked)(struct context_observer *observer, const char *cdev);
	/* The kernel is about to be asked to map or unmap in this IOAS, or, with 0, to allocate one. */
	void (*begin)(struct context_observer *observer, uint32_t ioas);
	/* The kernel is about to be asked to attach or detach the device. */
	void (*begin_device)(struct context_observer *observer, const struct device *device);
	/*
	 * What is mapped of this counts only when all of it is. on: false: it is, or it went again. Returns
	 * false where that cannot be written down: nobody is to be served before it is done.
	 */
	bool (*unfinished)(struct context_observer *observer, uint32_t ioas, const struct mapping *whole,
			   bool on);
	/* Another process is about to be given an fd. */
	void (*taken)(struct context_observer *observer, const struct taker *taker);
	/*
	 * An fd that is gone may be open elsewhere for a moment: wait a little. false: it is not, or no
	 * longer.
	 */
	bool (*wait_for_fd)(struct context_observer *observer);
};

static inline void observe_changed(struct context *ctx, struct object *object)
{
	if (ctx->observer)
		ctx->observer->changed(ctx->observer, ctx, object);
}

static inline void observe_gone(const struct context *ctx, const struct object *object)
{
	if (ctx->observer)
		ctx->observer->gone(ctx->observer, object);
}

static inline void observe_fd_gone(const struct context *ctx, const struct object *object)
{
	if (ctx->observer)
		ctx->observer->fd_gone(ctx->observer, object);
}

static inline void observe_pasid(const struct context *ctx, const struct device *device, uint32_t number)
{
	if (ctx->observer)
		ctx->observer->pasid(ctx->observer, device, number);
}

static inline void observe_mapped(struct context *ctx, const struct ioas *ioas, const struct mapping *mapping)
{
	if (ctx->observer)
		ctx->observer->mapped(ctx->observer, ctx, ioas, mapping);
}

static inline void observe_unmapped(const struct context *ctx, uint32_t ioas, uint64_t iova, uint64_t length)
{
	if (ctx->observer)
		ctx->observer->unmapped(ctx->observer, ioas, iova, length);
}

static inline void observe_revoked(const struct context *ctx, const char *cdev)
{
	if (ctx->observer)
		ctx->observer->revoked(ctx->observer, cdev);
}

static inline void observe_begin(const struct context *ctx, uint32_t ioas)
{
	if (ctx->observer)
		ctx->observer->begin(ctx->observer, ioas);
}

static inline void observe_begin_device(const struct context *ctx, const struct device *device)
{
	if (ctx->observer)
		ctx->observer->begin_device(ctx->observer, device);
}

static inline bool observe_unfinished(const struct context *ctx, uint32_t ioas, const struct mapping *whole,
				      bool on)
{
	return !ctx->observer || ctx->observer->unfinished(ctx->observer, ioas, whole, on);
}

static inline void observe_taken(const struct context *ctx, const struct taker *taker)
{
	if (ctx->observer)
		ctx->observer->taken(ctx->observer, taker);
}

static inline bool observe_wait_for_fd(const struct context *ctx)
{
	return ctx->observer && ctx->observer->wait_for_fd(ctx->observer);
}

#endif
