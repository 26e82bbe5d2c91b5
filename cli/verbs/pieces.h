/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What takes many calls of the kernel, one for each mapping: a session serves others between them, who may
 * change what is there. Each function returns an exit code, with its message, or EXIT_PAUSED.
 */
#ifndef CLI_VERBS_PIECES_H
#define CLI_VERBS_PIECES_H

#include "context/ioas.h"
#include "engine/command.h"

/* Says why, and returns the exit code. */
typedef int fail_map_fn(const struct call *call, const struct mapping *map, const struct map_result *result,
			int error);

/* Map in pieces of chunk bytes, which go again where one fails or the client has gone. *ret_iova: where. */
int map_pieces(struct call *call, uint32_t ioas, const struct mapping *map, uint64_t chunk, fail_map_fn *fail,
	       uint64_t *ret_iova);
/*
 * Unmap what lies between. *ret_done: bytes so far; *ret_error: what the kernel refused. The rest stays where
 * the client has gone.
 */
int unmap_pieces(struct call *call, uint32_t ioas, uint64_t iova, uint64_t length, uint64_t *ret_done,
		 int *ret_error);

#endif
