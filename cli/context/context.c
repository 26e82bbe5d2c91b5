/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "context/context.h"
#include "context/ioas.h"

void context_init(struct context *ctx, enum context_kind kind)
{
	*ctx = (struct context){ .kind = kind, .iommufd = -1 };
}

size_t context_count_ioas(const struct context *ctx)
{
	size_t cursor = 0, n = 0;

	while (ioas_next(ctx, &cursor))
		n++;
	return n;
}
