/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/memory-table.h"

const struct column memory_columns[N_MEMORY_COLUMNS] = {
	{ "name", "MEMORY", COLUMN_TEXT }, { "size", "SIZE", COLUMN_NUMBER },
	{ "page_size", "PAGE-SIZE", COLUMN_NUMBER }, { "mappings", "MAPPINGS", COLUMN_NUMBER },
};

bool next_memory(const void *arg, size_t *cursor, struct value *row)
{
	const struct context *ctx = arg;
	const struct memory *memory;

	if (*cursor == ctx->memories.count)
		return false;
	memory = memory_at(ctx, (*cursor)++);
	row[0].text = memory->object.name;
	row[1].number = memory->size;
	row[2].number = memory->page;
	row[3].number = memory->mappings;
	return true;
}
