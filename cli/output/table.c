/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JSON_HEAD "{\"version\":1"

static bool is_none(const struct column *column, const struct value *value)
{
	return column->type == COLUMN_TEXT ? !value->text : value->none;
}

static size_t digits(uint64_t number, unsigned int radix)
{
	size_t n = 1;

	while (number /= radix)
		n++;
	return n;
}

static bool is_flags(const struct column *column)
{
	return column->type == COLUMN_FLAGS || column->type == COLUMN_LETTERS;
}

enum { FLAGS_LENGTH = 128 };

/* Bits without a name are of a newer kernel: they are not told. */
static const char *flags_text(const struct column *column, const struct value *value, char *text)
{
	const char *comma = column->type == COLUMN_FLAGS ? "," : "";
	struct buffer out = { .fd = -1, .buf = text, .cap = FLAGS_LENGTH };

	for (size_t bit = 0; value->names[bit]; bit++)
		if (value->number >> bit & 1) {
			buf_str(&out, out.len ? comma : "");
			buf_str(&out, value->names[bit]);
		}
	buf_str(&out, out.len ? "" : "-");
	buf_char(&out, '\0');
	return text;
}

static size_t cell_width(const struct column *column, const struct value *value)
{
	char flags[FLAGS_LENGTH];

	if (is_none(column, value))
		return 1;
	if (is_flags(column))
		return strlen(flags_text(column, value, flags));
	if (column->type == COLUMN_TEXT)
		return buf_width(value->text);
	return column->type == COLUMN_HEX ? 2 + digits(value->number, 16) : digits(value->number, 10);
}

static void cell_text(struct buffer *out, const struct column *column, const struct value *value)
{
	char flags[FLAGS_LENGTH];

	if (is_none(column, value))
		buf_char(out, '-');
	else if (is_flags(column))
		buf_str(out, flags_text(column, value, flags));
	else if (column->type == COLUMN_TEXT)
		buf_text(out, value->text);
	else if (column->type == COLUMN_HEX)
		buf_hex(out, value->number);
	else
		buf_u64(out, value->number);
}

static void cell_json(struct buffer *out, const struct column *column, const struct value *value)
{
	char flags[FLAGS_LENGTH];

	buf_char(out, '"');
	buf_str(out, column->key);
	buf_str(out, "\":");
	if (is_none(column, value))
		buf_str(out, "null");
	else if (is_flags(column))
		buf_json_string(out, flags_text(column, value, flags));
	else if (column->type == COLUMN_TEXT)
		buf_json_string(out, value->text);
	else
		buf_u64(out, value->number);
}

static void pad(struct buffer *out, size_t n)
{
	while (n--)
		buf_char(out, ' ');
}

/* Two blanks between columns at least. */
static void pad_to(struct buffer *out, size_t width, size_t used)
{
	pad(out, (used < width ? width - used : 0) + 2);
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

		cell_text(out, column, &row[c]);
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
		cell_text(out, &columns[c], &row[c]);
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
		cell_text(output->out, column, &value);
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
