/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "context/taker.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int taker_add(struct context *ctx, const char *what, int pid, uint64_t start)
{
	struct taker *takers;

	forget_ended(ctx);
	takers = reallocarray(ctx->takers, ctx->n_takers + 1, sizeof(*takers));
	if (!takers)
		return -ENOMEM;
	ctx->takers = takers;
	takers += ctx->n_takers++;
	*takers = (struct taker){ .pid = pid, .start = start };
	snprintf(takers->what, sizeof(takers->what), "%s", what);
	return 0;
}

bool taker_has(const struct context *ctx, const char *what)
{
	for (size_t i = 0; i < ctx->n_takers; i++)
		if (strcmp(ctx->takers[i].what, what) == 0 && taker_is_alive(&ctx->takers[i]))
			return true;
	return false;
}
