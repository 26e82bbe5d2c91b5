/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "context/taker.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context/derived.h"
#include "context/observer.h"
#include "util/process.h"

bool taker_is_alive(const struct taker *taker)
{
	return !taker->pid || (taker->start && process_start(taker->pid) == taker->start);
}

static void forget_ended(struct context *ctx)
{
	size_t kept = 0;

	for (size_t i = 0; i < ctx->n_takers; i++)
		if (taker_is_alive(&ctx->takers[i]))
			ctx->takers[kept++] = ctx->takers[i];
	ctx->n_takers = kept;
}

static struct taker *find(const struct context *ctx, const char *what, int pid)
{
	for (size_t i = 0; i < ctx->n_takers; i++)
		if (ctx->takers[i].pid == pid && strcmp(ctx->takers[i].what, what) == 0)
			return &ctx->takers[i];
	return NULL;
}

int taker_add(struct context *ctx, const struct taker *taker)
{
	struct taker *takers, *same;

	forget_ended(ctx);
	same = find(ctx, taker->what, taker->pid);
	if (!same) {
		takers = reallocarray(ctx->takers, ctx->n_takers + 1, sizeof(*takers));
		if (!takers)
			return -ENOMEM;
		ctx->takers = takers;
		same = takers + ctx->n_takers++;
	}
	*same = *taker;
	return 0;
}

void taker_moves(struct context *ctx, const struct device *device, int pid)
{
	struct taker *taker = find(ctx, device->info.name, pid);

	if (!taker)
		return;
	taker->moved = true;
	snprintf(taker->name, sizeof(taker->name), "%s", device->object.name ?: "");
	snprintf(taker->address, sizeof(taker->address), "%s", device->info.address);
	taker->group = device->info.kind == IOMMUFD_PHYSICAL ? device->info.group : -1;
	taker->requested_pt = device->requested_pt;
	taker->pt = device->pt;
	observe_taken(ctx, taker);
}

void taker_forget(struct context *ctx, const struct device *device)
{
	size_t kept = 0;

	for (size_t i = 0; i < ctx->n_takers; i++)
		if (!ctx->takers[i].moved || strcmp(ctx->takers[i].what, device->info.name) != 0)
			ctx->takers[kept++] = ctx->takers[i];
	ctx->n_takers = kept;
}

static bool is_of_group(const struct taker *taker, const struct device *device)
{
	return taker->moved && taker->group >= 0 && device->info.kind == IOMMUFD_PHYSICAL &&
	       taker->group == device->info.group;
}

void taker_follow(struct context *ctx, const struct device *device)
{
	for (size_t i = 0; i < ctx->n_takers; i++) {
		struct taker *taker = &ctx->takers[i];

		if (!is_of_group(taker, device) || !taker->pt)
			continue;
		taker->requested_pt = device->requested_pt;
		taker->pt = device->pt;
		observe_taken(ctx, taker);
	}
}

const struct taker *taker_of(const struct context *ctx, const char *what)
{
	for (size_t i = 0; i < ctx->n_takers; i++)
		if (strcmp(ctx->takers[i].what, what) == 0 && taker_is_alive(&ctx->takers[i]))
			return &ctx->takers[i];
	return NULL;
}

static bool is_called(const struct taker *taker, const char *word)
{
	if (!taker->moved || !*word)
		return false;
	return strcmp(taker->what, word) == 0 || strcmp(taker->name, word) == 0 ||
	       strcmp(taker->address, word) == 0;
}

const struct taker *taker_by_word(const struct context *ctx, const char *word)
{
	for (size_t i = 0; i < ctx->n_takers; i++)
		if (is_called(&ctx->takers[i], word) && taker_is_alive(&ctx->takers[i]))
			return &ctx->takers[i];
	return NULL;
}

const struct taker *taker_in_group(const struct context *ctx, const struct device *device)
{
	for (size_t i = 0; i < ctx->n_takers; i++)
		if (is_of_group(&ctx->takers[i], device) && taker_is_alive(&ctx->takers[i]))
			return &ctx->takers[i];
	return NULL;
}

static bool is_made_of(const struct context *ctx, uint32_t id, uint32_t pt)
{
	const struct derived *derived;

	while (id && id != pt && (derived = derived_by_id(ctx, id)))
		id = derived->parent;
	return id == pt;
}

const struct taker *taker_on(const struct context *ctx, uint32_t pt)
{
	for (size_t i = 0; i < ctx->n_takers; i++) {
		const struct taker *taker = &ctx->takers[i];

		if (!taker->moved || !taker->pt)
			continue;
		if ((taker->pt == pt || is_made_of(ctx, taker->requested_pt, pt)) && taker_is_alive(taker))
			return taker;
	}
	return NULL;
}
