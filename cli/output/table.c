/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/table.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JSON_HEAD "{\"version\":1"

static bool is_none(const struct column *column, const struct value *value)
{
	return column->type == COLUMN_TEXT ? !value->text : value->none;
}

enum { CELL_LENGTH = 128 };

/* Bits without a name are of a newer kernel: they are not told. */
static void write_flags(struct buffer *out, const struct value *value, const char *comma)
{
	size_t before = out->len;

	for (size_t bit = 0; value->names[bit]; bit++)
		if (value->number >> bit & 1) {
			buf_str(out, out->len > before ? comma : "");
			buf_str(out, value->names[bit]);
		}
	buf_str(out, out->len > before ? "" : "-");
}

/* The text of a cell: its own, or written to room, which takes CELL_LENGTH. */
static const char *cell_text(const struct column *column, const struct value *value, char *room)
{
	struct buffer out = { .fd = -1, .buf = room, .cap = CELL_LENGTH };

	if (is_none(column, value))
		return "-";
	switch (column->type) {
	case COLUMN_TEXT:
		return value->text;
	case COLUMN_FLAGS:
		write_flags(&out, value, ",");
		break;
	case COLUMN_LETTERS:
		write_flags(&out, value, "");
		break;
	case COLUMN_HEX:
		buf_hex(&out, value->number);
		break;
	default:
		buf_u64(&out, value->number);
	}
	buf_char(&out, '\0');
	return room;
}

static void print_cell(struct buffer *out, const struct column *column, const struct value *value)
{
	char room[CELL_LENGTH];

	buf_text(out, cell_text(column, value, room));
}

static size_t cell_width(const struct column *column, const struct value *value)
{
	char room[CELL_LENGTH];

	return buf_width(cell_text(column, value, room));
}

static void cell_json(struct buffer *out, const struct column *column, const struct value *value)
{
	bool is_number = column->type == COLUMN_NUMBER || column->type == COLUMN_HEX;
	char room[CELL_LENGTH];

	buf_format(out, "\"%s\":", column->key);
	if (is_none(column, value))
		buf_str(out, "null");
	else if (is_number)
		buf_u64(out, value->number);
	else
		buf_json_string(out, cell_text(column, value, room));
}

/* Two blanks between columns at least. */
static void pad_to(struct buffer *out, size_t width, size_t used)
{
	buf_format(out, "%*s", (int)(used < width ? width - used : 0) + 2, "");
}

static bool is_bold(const struct buffer *out)
{
	const char *term = secure_getenv("TERM"), *plain = secure_getenv("NO_COLOR");

	return out->fd >= 0 && !(plain && *plain) && term && strcmp(term, "dumb") != 0 &&
	       isatty(out->fd);
}

static void heading(struct buffer *out, const struct table *table, const size_t *widths)
{
	bool bold = is_bold(out);

	if (bold)
		buf_str(out, "\033[1m");
	for (size_t c = 0; c < table->n_columns; c++) {
		const char *text = table->columns[c].heading;

		buf_str(out, text);
		if (c + 1 < table->n_columns)
			pad_to(out, widths[c], strlen(text));
	}
	buf_str(out, bold ? "\033[0m\n" : "\n");
}

/* Numbers, too, stand on the left: the columns are words for people and fields for awk. */
static void row_text(struct buffer *out, const struct table *table, const size_t *widths,
		     const struct value *row)
{
	for (size_t c = 0; c < table->n_columns; c++) {
		const struct column *column = &table->columns[c];

		print_cell(out, column, &row[c]);
		if (c + 1 < table->n_columns)
			pad_to(out, widths[c], cell_width(column, &row[c]));
	}
	buf_char(out, '\n');
}

/* Returns the number of rows. */
static size_t measure(const struct table *table, size_t *widths)
{
	struct value row[MAX_COLUMNS] = { 0 };
	size_t cursor = 0, n = 0;

	for (size_t c = 0; c < table->n_columns; c++)
		widths[c] = table->width ? table->width : strlen(table->columns[c].heading);
	if (table->width)
		return 1;
	for (; table->next(table->arg, &cursor, row); n++)
		for (size_t c = 0; c < table->n_columns; c++) {
			size_t width = cell_width(&table->columns[c], &row[c]);

			widths[c] = width > widths[c] ? width : widths[c];
		}
	return n;
}

static void table_text(struct buffer *out, const struct table *table, bool *first)
{
	struct value row[MAX_COLUMNS] = { 0 };
	size_t widths[MAX_COLUMNS], cursor = 0;

	if (measure(table, widths) == 0 && !table->always)
		return;
	if (!*first)
		buf_char(out, '\n');
	*first = false;
	heading(out, table, widths);
	while (table->next(table->arg, &cursor, row))
		row_text(out, table, widths, row);
}

static void row_json(struct buffer *out, const struct column *columns, size_t n, const struct value *row)
{
	for (size_t c = 0; c < n; c++) {
		if (c)
			buf_char(out, ',');
		cell_json(out, &columns[c], &row[c]);
	}
}

static void table_json(struct buffer *out, const struct table *table)
{
	struct value row[MAX_COLUMNS] = { 0 };
	size_t cursor = 0;

	buf_str(out, ",\"");
	buf_str(out, table->key);
	buf_str(out, "\":[");
	for (bool first = true; table->next(table->arg, &cursor, row); first = false) {
		buf_str(out, first ? "{" : ",{");
		row_json(out, table->columns, table->n_columns, row);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

int print_tables(const struct output *output, const struct table *tables, size_t n)
{
	bool first = true;

	if (output->json)
		buf_str(output->out, JSON_HEAD);
	for (size_t i = 0; i < n; i++) {
		if (output->json)
			table_json(output->out, &tables[i]);
		else
			table_text(output->out, &tables[i], &first);
	}
	if (output->json)
		buf_str(output->out, "}\n");
	return EXIT_DONE;
}

int print_record(const struct output *output, const struct column *columns, size_t n, const struct value *row)
{
	struct buffer *out = output->out;

	if (output->json) {
		buf_str(out, JSON_HEAD ",");
		row_json(out, columns, n, row);
		buf_str(out, "}\n");
		return EXIT_DONE;
	}
	for (size_t c = 0; c < n; c++) {
		buf_str(out, columns[c].key);
		buf_char(out, '=');
		print_cell(out, &columns[c], &row[c]);
		buf_char(out, c + 1 < n ? ' ' : '\n');
	}
	return EXIT_DONE;
}

int print_value(const struct output *output, const struct column *column, struct value value)
{
	if (output->json) {
		buf_str(output->out, JSON_HEAD ",");
		cell_json(output->out, column, &value);
		buf_str(output->out, "}\n");
	} else {
		print_cell(output->out, column, &value);
		buf_char(output->out, '\n');
	}
	return EXIT_DONE;
}

int print_id(const struct output *output, uint32_t id)
{
	static const struct column column = { "id", "ID", COLUMN_NUMBER };

	return print_value(output, &column, (struct value){ .number = id });
}

int print_nothing(const struct output *output)
{
	if (output->json)
		buf_str(output->out, JSON_HEAD "}\n");
	return EXIT_DONE;
}
