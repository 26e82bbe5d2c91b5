/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of memory, which mem list and show print. */
#ifndef CLI_VERBS_MEMORY_TABLE_H
#define CLI_VERBS_MEMORY_TABLE_H

#include "context/memory.h"
#include "engine/command.h"
#include "output/table.h"

enum { N_MEMORY_COLUMNS = 4 };
extern const struct column memory_columns[N_MEMORY_COLUMNS];

/* Argument i is memory which ends before a range does. Returns EXIT_FAILED. */
static inline int fail_beyond(const struct call *call, int i, const struct memory *memory)
{
	return msg_fail(call->output, call->args[i], "the range ends beyond the memory's %" PRIu64 " bytes (EINVAL)",
			memory->size);
}

/* A next_row_fn; arg is a struct context. The cursor counts its memories. */
bool next_memory(const void *arg, size_t *cursor, struct value *row);

#endif
