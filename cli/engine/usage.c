/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/usage.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "engine/words.h"

enum { WIDTH = 79, USAGE_COLUMN = 12, TEXT_COLUMN = 29, MAX_ROWS = 24 };
enum { OWN_GROUP, COMMON_GROUP };

struct sheet {
	struct buffer *out;
	size_t column;
};

static void put(struct sheet *sheet, const char *text, size_t len)
{
	buf_bytes(sheet->out, text, len);
	sheet->column += len;
}

static void end_line(struct sheet *sheet)
{
	buf_char(sheet->out, '\n');
	sheet->column = 0;
}

static void indent(struct sheet *sheet, size_t column)
{
	while (sheet->column < column)
		put(sheet, " ", 1);
}

/* A blank, and what has to stay together; it begins a line where this one has no room for it. */
static void put_item(struct sheet *sheet, const char *text, size_t len, size_t margin)
{
	if (sheet->column + 1 + len > WIDTH) {
		end_line(sheet);
		indent(sheet, margin);
	} else if (sheet->column > margin) {
		put(sheet, " ", 1);
	}
	put(sheet, text, len);
}

static void put_words(struct sheet *sheet, const char *text, size_t margin)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		put_item(sheet, text, len, margin);
		text += len + (text[len] == ' ');
	}
}

/* ---- rows ---- */

struct row {
	const struct verb_option *option;
	int group;
	char letter; /* of its short form, 0: it has none */
};

struct rows {
	struct row items[MAX_ROWS];
	size_t count;
};

static void add_rows(struct rows *rows, const struct verb_option *options, int group, bool no_json)
{
	for (; options && options->name && rows->count < MAX_ROWS; options++) {
		struct row *row = &rows->items[rows->count];

		if (options->key == OPT_JSON && no_json)
			continue;
		*row = (struct row){ options, group, options->key < OPT_IOMMUFD ? (char)options->key : 0 };
		/* These are everywhere. */
		if (options->key == OPT_HELP || options->key == OPT_VERSION)
			row->group = COMMON_GROUP;
		rows->count++;
	}
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	char first = x->letter ?: *x->option->name, second = y->letter ?: *y->option->name;

	if (x->group != y->group)
		return x->group - y->group;
	if (!x->letter && !y->letter)
		return strcasecmp(x->option->name, y->option->name);
	return tolower(first) != tolower(second) ? tolower(first) - tolower(second) : second - first;
}

/* ---- parts ---- */

enum { ITEM = 128 };

static void put_usage(struct sheet *sheet, const struct usage *usage, const struct rows *rows)
{
	char text[ITEM];
	struct buffer item = { .buf = text, .cap = sizeof(text), .fd = -1 };

	put(sheet, "Usage: ", 7);
	put(sheet, usage->name, strlen(usage->name));
	buf_str(&item, "[-");
	for (const struct row *row = rows->items; row < rows->items + rows->count; row++)
		if (row->letter && !row->option->value.name)
			buf_char(&item, row->letter);
	buf_char(&item, ']');
	put_item(sheet, text, item.len, USAGE_COLUMN);
	for (const struct row *row = rows->items; row < rows->items + rows->count; row++) {
		item.len = 0;
		buf_format(&item, "[-%c %s]", row->letter, row->option->value.name);
		if (row->letter && row->option->value.name)
			put_item(sheet, text, item.len, USAGE_COLUMN);
	}
	for (const struct row *row = rows->items; row < rows->items + rows->count; row++) {
		const char *value = row->option->value.name;

		item.len = 0;
		buf_format(&item, "[--%s%s%s]", row->option->name, value ? "=" : "", value ?: "");
		put_item(sheet, text, item.len, USAGE_COLUMN);
	}
	if (*usage->args)
		put_item(sheet, usage->args, strlen(usage->args), USAGE_COLUMN);
	end_line(sheet);
}

static void put_row(struct sheet *sheet, const struct row *row)
{
	const struct verb_option *option = row->option;
	char text[ITEM];
	struct buffer item = { .buf = text, .cap = sizeof(text), .fd = -1 };

	if (row->letter)
		buf_format(&item, "  -%c, ", row->letter);
	else
		buf_str(&item, "      ");
	buf_format(&item, "--%s%s%s", option->name, option->value.name ? "=" : "", option->value.name ?: "");
	put(sheet, text, item.len);
	if (sheet->column > TEXT_COLUMN + 3)
		end_line(sheet);
	else if (sheet->column >= TEXT_COLUMN)
		put(sheet, "  ", 2); /* and the one of the first word */
	indent(sheet, TEXT_COLUMN);
	put_words(sheet, option->help, TEXT_COLUMN);
	end_line(sheet);
}

static bool has_short_value(const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->items[i].letter && rows->items[i].option->value.name)
			return true;
	return false;
}

static bool begins_common(const struct rows *rows, size_t i)
{
	return rows->items[i].group == COMMON_GROUP && (i == 0 || rows->items[i - 1].group == OWN_GROUP);
}

/* ---- words ---- */

enum { MAX_WORDS = 16, WORD_COLUMN = 17 };

struct said {
	const char *words[MAX_WORDS];
	size_t lengths[MAX_WORDS], count;
};

/* Is it the first time that this word comes? */
static bool is_new(struct said *said, const char *word, size_t len)
{
	for (size_t i = 0; i < said->count; i++)
		if (said->lengths[i] == len && memcmp(said->words[i], word, len) == 0)
			return false;
	if (said->count == MAX_WORDS)
		return false;
	said->words[said->count] = word;
	said->lengths[said->count++] = len;
	return true;
}

static void put_argument(struct sheet *sheet, struct said *said, const struct argument *arg)
{
	char text[256];
	struct buffer room = { .buf = text, .cap = sizeof(text), .fd = -1 };
	const char *at = arg->name, *word, *what;
	size_t len;

	while (at && (word = words_next(&at, &len))) {
		what = words_text(arg, word, len, &room);
		if (!what || !is_new(said, word, len))
			continue;
		if (said->count == 1)
			buf_str(sheet->out, "\n Words:\n");
		indent(sheet, 6);
		put(sheet, word, len);
		indent(sheet, WORD_COLUMN);
		put_words(sheet, what, WORD_COLUMN);
		end_line(sheet);
	}
}

/* What the capital words stand for, in the order in which they come. */
static void put_explained(struct sheet *sheet, const struct usage *usage)
{
	struct said said = { .count = 0 };

	for (const struct argument *arg = usage->arguments; arg && arg->name; arg++)
		put_argument(sheet, &said, arg);
	for (const struct verb_option *option = usage->options; option && option->name; option++)
		put_argument(sheet, &said, &option->value);
}

static void put_example(struct buffer *out, const struct usage *usage)
{
	if (usage->example)
		buf_format(out, "\nExample:\n  %s\n", usage->example);
}

void print_usage(struct buffer *out, const struct usage *usage)
{
	struct rows rows = { .count = 0 };
	struct sheet sheet = { .out = out };

	add_rows(&rows, usage->options, OWN_GROUP, usage->no_json);
	add_rows(&rows, usage->common, COMMON_GROUP, usage->no_json);
	qsort(rows.items, rows.count, sizeof(*rows.items), compare_rows);
	put_usage(&sheet, usage, &rows);
	put_words(&sheet, usage->summary, 0);
	end_line(&sheet);
	end_line(&sheet);
	buf_str(out, usage->lines ?: "");
	for (size_t i = 0; i < rows.count; i++) {
		if (usage->common && begins_common(&rows, i)) {
			buf_str(out, i ? "\n" : "");
			buf_str(out, " Common options:\n");
		}
		put_row(&sheet, &rows.items[i]);
	}
	put_explained(&sheet, usage);
	end_line(&sheet);
	if (has_short_value(&rows)) {
		put_words(&sheet, "Mandatory or optional arguments to long options are also mandatory or optional for "
			  "any corresponding short options.", 0);
		end_line(&sheet);
		end_line(&sheet);
	}
	if (usage->details) {
		put_words(&sheet, usage->details, 0);
		end_line(&sheet);
	}
	put_example(out, usage);
}
