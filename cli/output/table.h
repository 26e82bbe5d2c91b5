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
	COLUMN_LIST,	/* texts: an array in JSON; "none": there are none of them */
};

/* Where a column, or a table, is shown. */
enum column_place { IN_BOTH, IN_JSON };

/* No pointers: the loader would relocate each of them at every start. */
struct column {
	char key[20];	  /* in JSON */
	char heading[14]; /* in text */
	uint8_t type;	  /* enum column_type */
	uint8_t place;	  /* enum column_place */
};

struct value {
	const char *text; /* NULL: none */
	uint64_t number;
	bool none; /* no number */
	/* Of the number's bits, from bit 0 on; of a list its texts, NULL: not known. NULL ends them. */
	const char *const *names;
};

static inline struct value number_if(bool is_there, uint64_t number)
{
	return (struct value){ .number = number, .none = !is_there };
}

/* An empty text is none. */
static inline const char *text_if(const char *text)
{
	return text && *text ? text : NULL;
}

static inline const char *yes_no(bool yes)
{
	return yes ? "yes" : "no";
}

/* The next row; *cursor starts at 0 and is the function's own. false: there are no more. */
typedef bool next_row_fn(const void *arg, size_t *cursor, struct value *row);

enum { MAX_COLUMNS = 20 };

struct table {
	const char *key; /* of the array in JSON */
	const struct column *columns;
	size_t n_columns;
	next_row_fn *next;
	const void *arg;
	bool always; /* in text: the heading even without a row */
	uint8_t width; /* the rows come only once: columns of this width, 0: measured */
	uint8_t place; /* enum column_place */
};

/* In the row of a table: what its columns are, and where its rows come from. */
#define ROWS(columns, next, arg) columns, ARRAY_SIZE(columns), next, arg

/* One JSON object, or aligned tables with a blank line between them; empty ones only in JSON. */
int print_tables(const struct output *output, const struct table *tables, size_t n);

/* The same of a verb that may have changed the machine: JSON says whether it did. */
int print_changes(const struct output *output, bool changed, const struct table *tables, size_t n);

/*
 * The same, and behind them what print_tables() has printed elsewhere in the same form: the session's part of
 * an answer. NULL: nothing.
 */
int print_tables_before(const struct output *output, const struct table *tables, size_t n,
			const char *printed);

/* One of a stream of results, in one line of its own: KEY=VALUE ..., or a JSON object. */
int print_record(const struct output *output, const struct column *columns, size_t n,
		 const struct value *row);

/* One table of a verb that has no other: its heading is there even without a row. */
static inline int print_table(const struct output *output, const char *key, const struct column *columns,
			      size_t n, next_row_fn *next, const void *arg)
{
	const struct table table = { key, columns, n, next, arg, .always = true };

	return print_tables(output, &table, 1);
}

/* The one result of a verb: text prints the value, JSON {"version":1,KEY:VALUE}. */
int print_value(const struct output *output, const char *key, enum column_type type, struct value value);

static inline int print_text(const struct output *output, const char *key, const char *text)
{
	return print_value(output, key, COLUMN_TEXT, (struct value){ .text = text });
}

static inline int print_number(const struct output *output, const char *key, uint64_t number)
{
	return print_value(output, key, COLUMN_NUMBER, (struct value){ .number = number });
}

static inline int print_hex(const struct output *output, const char *key, uint64_t number)
{
	return print_value(output, key, COLUMN_HEX, (struct value){ .number = number });
}

/* The id of what a verb made or found. */
static inline int print_id(const struct output *output, uint32_t id)
{
	return print_number(output, "id", id);
}

/* A verb that has nothing to print. JSON still gets its object. */
int print_nothing(const struct output *output);

#endif
