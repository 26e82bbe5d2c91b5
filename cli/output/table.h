/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results. Text and JSON come from the same columns, so that they cannot differ. */
#ifndef CLI_OUTPUT_TABLE_H
#define CLI_OUTPUT_TABLE_H

#include "output/message.h"

enum column_type {
	COLUMN_TEXT,
	COLUMN_NUMBER,
	COLUMN_HEX,
	COLUMN_FLAGS,	/* the names of the bits that are set, with commas between them; "-": none is */
	COLUMN_LETTERS, /* the same without commas */
};

/* No pointers: the loader would relocate each of them at every start. */
struct column {
	char key[16];	  /* in JSON */
	char heading[15]; /* in text */
	uint8_t type;	  /* enum column_type */
};

struct value {
	const char *text; /* NULL: none */
	uint64_t number;
	bool none; /* no number */
	const char *const *names; /* of the number's bits, from bit 0 on; NULL ends them */
};

/* The next row; *cursor starts at 0 and is the function's own. false: there are no more. */
typedef bool next_row_fn(const void *arg, size_t *cursor, struct value *row);

enum { MAX_COLUMNS = 10 };

struct table {
	const char *key; /* of the array in JSON */
	const struct column *columns;
	size_t n_columns;
	next_row_fn *next;
	const void *arg;
	bool always; /* in text: the heading even without a row */
	uint8_t width; /* the rows come only once: columns of this width, 0: measured */
};

/* One JSON object, or aligned tables with a blank line between them; empty ones only in JSON. */
int print_tables(const struct output *output, const struct table *tables, size_t n);

/* One of a stream of results, in one line of its own: KEY=VALUE ..., or a JSON object. */
int print_record(const struct output *output, const struct column *columns, size_t n,
		 const struct value *row);

/* The one result of a verb: text prints the value, JSON {"version":1,KEY:VALUE}. */
int print_value(const struct output *output, const struct column *column, struct value value);

/* The id of what a verb made or found. */
int print_id(const struct output *output, uint32_t id);

/* A verb that has nothing to print. JSON still gets its object. */
int print_nothing(const struct output *output);

#endif
