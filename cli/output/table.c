/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/table.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JSON_HEAD "{\"version\":1"

static bool is_none(enum column_type type, const struct value *value)
{
	if (type == COLUMN_TEXT)
		return !value->text;
	return type == COLUMN_LIST ? !value->names : value->none;
}

enum { CELL_LENGTH = 1024 };

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

/* What has no room in a cell is left out, from the first on that has none. */
static void write_list(struct buffer *out, const char *const *names)
{
	static const char comma[] = ", ";

	for (size_t i = 0; names[i] && out->len + strlen(comma) + strlen(names[i]) < out->cap; i++) {
		buf_str(out, i ? comma : "");
		buf_str(out, names[i]);
	}
	buf_str(out, *names ? "" : "none");
}

/* The text of a cell: its own, or written to room, which takes CELL_LENGTH. */
static const char *cell_text(enum column_type type, const struct value *value, char *room)
{
	struct buffer out = { .fd = -1, .buf = room, .cap = CELL_LENGTH };

	if (is_none(type, value))
		return "-";
	switch (type) {
	case COLUMN_TEXT:
		return value->text;
	case COLUMN_FLAGS:
	case COLUMN_LETTERS:
		write_flags(&out, value, type == COLUMN_FLAGS ? "," : "");
		break;
	case COLUMN_LIST:
		write_list(&out, value->names);
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

static void list_json(struct buffer *out, const char *const *names)
{
	buf_char(out, '[');
	for (size_t i = 0; names[i]; i++) {
		buf_str(out, i ? "," : "");
		buf_json_string(out, names[i]);
	}
	buf_char(out, ']');
}

static void cell_json(struct buffer *out, const char *key, enum column_type type, const struct value *value)
{
	char room[CELL_LENGTH];

	buf_format(out, "\"%s\":", key);
	if (is_none(type, value))
		buf_str(out, "null");
	else if (type == COLUMN_NUMBER || type == COLUMN_HEX)
		buf_u64(out, value->number);
	else if (type == COLUMN_LIST)
		list_json(out, value->names);
	else
		buf_json_string(out, cell_text(type, value, room));
}

static bool is_in_text(const struct column *column)
{
	return column->place != IN_JSON;
}

/* Two blanks at least come before the next column. width: of this one, 0: no other follows. */
static void print_padded(struct buffer *out, const char *text, size_t width)
{
	size_t used = width ? buf_width(text) : 0;

	buf_text(out, text);
	if (width)
		buf_format(out, "%*s", (int)(used < width ? width - used : 0) + 2, "");
}

static bool is_bold(const struct buffer *out)
{
	const char *term = secure_getenv("TERM"), *plain = secure_getenv("NO_COLOR");

	return out->fd >= 0 && !(plain && *plain) && term && strcmp(term, "dumb") != 0 &&
	       isatty(out->fd);
}

static void print_heading(struct buffer *out, const struct table *table, const size_t *widths)
{
	bool bold = is_bold(out);

	buf_str(out, bold ? "\033[1m" : "");
	for (size_t c = 0; c < table->n_columns; c++)
		if (is_in_text(&table->columns[c]))
			print_padded(out, table->columns[c].heading, widths[c]);
	buf_str(out, bold ? "\033[0m\n" : "\n");
}

/* Numbers, too, stand on the left: the columns are words for people and fields for awk. */
static void row_text(struct buffer *out, const struct table *table, const size_t *widths,
		     const struct value *row)
{
	char room[CELL_LENGTH];

	for (size_t c = 0; c < table->n_columns; c++)
		if (is_in_text(&table->columns[c]))
			print_padded(out, cell_text(table->columns[c].type, &row[c], room), widths[c]);
	buf_char(out, '\n');
}

/* The width that a row needs of each column but the last. */
static void widen(const struct table *table, size_t last, size_t *widths, const struct value *row)
{
	char room[CELL_LENGTH];

	for (size_t c = 0; c < last; c++)
		if (is_in_text(&table->columns[c])) {
			size_t width = buf_width(cell_text(table->columns[c].type, &row[c], room));

			widths[c] = width > widths[c] ? width : widths[c];
		}
}

/* Returns the number of rows. */
static size_t measure(const struct table *table, size_t *widths)
{
	struct value row[MAX_COLUMNS] = { 0 };
	size_t cursor = 0, rows = 0, last = table->n_columns - 1;

	while (!is_in_text(&table->columns[last]))
		last--;
	for (size_t c = 0; c < table->n_columns; c++)
		widths[c] = table->width ? table->width : strlen(table->columns[c].heading);
	for (; !table->width && table->next(table->arg, &cursor, row); rows++)
		widen(table, last, widths, row);
	widths[last] = 0;
	return rows;
}

static void table_text(struct buffer *out, const struct table *table, bool *first)
{
	struct value row[MAX_COLUMNS] = { 0 };
	size_t widths[MAX_COLUMNS], cursor = 0;

	if (measure(table, widths) == 0 && !table->always && !table->width)
		return;
	buf_str(out, *first ? "" : "\n");
	*first = false;
	print_heading(out, table, widths);
	while (table->next(table->arg, &cursor, row))
		row_text(out, table, widths, row);
}

static void row_json(struct buffer *out, const struct column *columns, size_t n, const struct value *row)
{
	for (size_t c = 0; c < n; c++) {
		if (c)
			buf_char(out, ',');
		cell_json(out, columns[c].key, columns[c].type, &row[c]);
	}
}

static void table_json(struct buffer *out, const struct table *table)
{
	struct value row[MAX_COLUMNS] = { 0 };
	size_t cursor = 0;

	buf_format(out, ",\"%s\":[", table->key);
	for (bool first = true; table->next(table->arg, &cursor, row); first = false) {
		buf_str(out, first ? "{" : ",{");
		row_json(out, table->columns, table->n_columns, row);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

/* Two objects become one: the second begins as all do, and ends it. */
static void end_json(struct buffer *out, const char *printed)
{
	bool follows = printed && strncmp(printed, JSON_HEAD, strlen(JSON_HEAD)) == 0;

	buf_str(out, follows ? printed + strlen(JSON_HEAD) : "}\n");
}

static void end_text(struct buffer *out, const char *printed, bool first)
{
	buf_str(out, printed && *printed && !first ? "\n" : "");
	buf_str(out, printed ? printed : "");
}

/* said: further keys of the JSON object, each behind a comma. */
static int print_with(const struct output *output, const char *said, const struct table *tables, size_t n,
		      const char *printed)
{
	bool first = true;

	if (output->json)
		buf_format(output->out, JSON_HEAD "%s", said);
	for (size_t i = 0; i < n; i++)
		if (output->json)
			table_json(output->out, &tables[i]);
		else if (tables[i].place != IN_JSON)
			table_text(output->out, &tables[i], &first);
	if (output->json)
		end_json(output->out, printed);
	else
		end_text(output->out, printed, first);
	return EXIT_DONE;
}

int print_tables(const struct output *output, const struct table *tables, size_t n)
{
	return print_with(output, "", tables, n, NULL);
}

int print_tables_before(const struct output *output, const struct table *tables, size_t n,
			const char *printed)
{
	return print_with(output, "", tables, n, printed);
}

int print_changes(const struct output *output, bool changed, const struct table *tables, size_t n)
{
	return print_with(output, changed ? ",\"changed\":true" : ",\"changed\":false", tables, n, NULL);
}

int print_record(const struct output *output, const struct column *columns, size_t n, const struct value *row)
{
	struct buffer *out = output->out;
	char room[CELL_LENGTH];

	if (output->json) {
		buf_str(out, JSON_HEAD ",");
		row_json(out, columns, n, row);
		buf_str(out, "}\n");
		return EXIT_DONE;
	}
	for (size_t c = 0; c < n; c++) {
		buf_str(out, columns[c].key);
		buf_char(out, '=');
		buf_text(out, cell_text(columns[c].type, &row[c], room));
		buf_char(out, c + 1 < n ? ' ' : '\n');
	}
	return EXIT_DONE;
}

int print_value(const struct output *output, const char *key, enum column_type type, struct value value)
{
	char room[CELL_LENGTH];

	if (output->json) {
		buf_str(output->out, JSON_HEAD ",");
		cell_json(output->out, key, type, &value);
		buf_str(output->out, "}\n");
	} else {
		buf_text(output->out, cell_text(type, &value, room));
		buf_char(output->out, '\n');
	}
	return EXIT_DONE;
}

int print_nothing(const struct output *output)
{
	if (output->json)
		buf_str(output->out, JSON_HEAD "}\n");
	return EXIT_DONE;
}
