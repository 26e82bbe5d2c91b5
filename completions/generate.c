/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Print the completion script of a shell: its template, completions/SHELL.in, and at the template's
 * marks ("# @ROWS@") what the table of verbs says. Run by make, in the top directory. Nothing here names
 * a verb or an option: a new row of the table appears by itself.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "options.h"

/* What may stand for a placeholder. */
enum kind {
	KIND_NONE,  /* nothing that could be offered: a new name, an address */
	KIND_FILE,
	KIND_DEV,   /* what list shows */
	KIND_CMD,   /* a program, and behind it the words of that program */
	KIND_VERB,
	KIND_CHOICE, /* one of the words themselves: "user|process" */
};

struct arg {
	char text[64]; /* the placeholder without brackets and dots */
	enum kind kind;
	bool optional, repeats;
};

/* The options before the verb, as a row. */
static const struct verb globals = { .name = "", .options = global_options };

static bool is_last(const struct verb *verb)
{
	return !*verb->name && !verb->summary;
}

static bool is_verb(const struct verb *verb)
{
	return *verb->name;
}

/* --- placeholders ----------------------------------------------------------------------------- */

static enum kind kind_of_word(const char *word, size_t len)
{
	static const struct {
		const char *word;
		enum kind kind;
	} words[] = {
		{ "FILE", KIND_FILE }, { "PATH", KIND_FILE }, { "DEV", KIND_DEV },
		{ "CMD", KIND_CMD },   { "VERB", KIND_VERB },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strncmp(words[i].word, word, len) == 0 && !words[i].word[len])
			return words[i].kind;
	return KIND_NONE;
}

/* "FILE|-", "DEV[=NAME]": the first alternative that can be completed counts. */
static enum kind kind_of(const char *text)
{
	size_t lower = strspn(text, "abcdefghijklmnopqrstuvwxyz-|");

	if (!text[lower] && strchr(text, '|'))
		return KIND_CHOICE;
	while (*text) {
		size_t len = strcspn(text, "|[");
		enum kind kind = kind_of_word(text, len);

		if (kind != KIND_NONE)
			return kind;
		text += strcspn(text, "|");
		text += *text == '|';
	}
	return KIND_NONE;
}

/* The next of a verb's arguments, or NULL. "--" is for people. */
static const char *next_arg(const char *at, struct arg *arg)
{
	size_t len;

	at += strspn(at, " ");
	if (strncmp(at, "-- ", 3) == 0)
		at += 3;
	len = strcspn(at, " ");
	if (!len)
		return NULL;
	snprintf(arg->text, sizeof(arg->text), "%.*s", (int)len, at);
	arg->optional = *arg->text == '[';
	if (arg->optional) {
		memmove(arg->text, arg->text + 1, strlen(arg->text));
		arg->text[strcspn(arg->text, "]")] = '\0';
	}
	arg->repeats = strstr(arg->text, "...");
	arg->text[strcspn(arg->text, ".")] = '\0';
	arg->kind = kind_of(arg->text);
	return at + len;
}

/* --- the table --------------------------------------------------------------------------------- */

typedef void option_fn(const struct verb *verb, const struct argp_option *option);

static void each_option_of(const struct verb *verb, const struct argp_option *options, option_fn *fn)
{
	for (const struct argp_option *row = options; row && (row->name || row->doc); row++)
		if (row->name && !(verb->flags & VERB_NO_JSON && row->key == OPT_JSON))
			fn(verb, row);
}

/* A verb's own options, then the common ones. */
static void each_option(const struct verb *verb, option_fn *fn)
{
	each_option_of(verb, verb->options, fn);
	if (is_verb(verb))
		each_option_of(verb, common_options, fn);
}

static bool has_letter(const struct argp_option *option)
{
	return option->key < 128 && isgraph(option->key);
}

static size_t first_word(const struct verb *verb)
{
	return strcspn(verb->name, " ");
}

static bool has_two_words(const struct verb *verb)
{
	return is_verb(verb) && verb->name[first_word(verb)];
}

/* Does b belong to the group that a's first word names, as "ioas map" belongs to "ioas"? */
static bool in_group(const struct verb *a, const struct verb *b)
{
	return has_two_words(a) && is_verb(b) && strncmp(a->name, b->name, first_word(a) + 1) == 0;
}

/* Is this row the first of its group? */
static bool opens_group(const struct verb *verb)
{
	const struct verb *other = verbs;

	while (other != verb && !in_group(verb, other))
		other++;
	return has_two_words(verb) && other == verb;
}

/* Does this row bring a new first word? */
static bool opens(const struct verb *verb)
{
	return is_verb(verb) && (!has_two_words(verb) || opens_group(verb));
}

static void print_first_words(bool (*filter)(const struct verb *), const char *separator)
{
	const char *between = "";

	for (const struct verb *verb = verbs; !is_last(verb); verb++)
		if (filter(verb)) {
			printf("%s%.*s", between, (int)first_word(verb), verb->name);
			between = separator;
		}
}

/* The words that complete the name of a group. */
static void print_second_words(const struct verb *group, const char *separator)
{
	const char *between = "";

	for (const struct verb *verb = verbs; !is_last(verb); verb++)
		if (in_group(group, verb)) {
			printf("%s%s", between, verb->name + first_word(verb) + 1);
			between = separator;
		}
}

/* --- text -------------------------------------------------------------------------------------- */

/* Each character of special gets a backslash; quote stands for a single quote. */
static void print_escaped(const char *text, const char *special, const char *quote)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			putchar('\\');
		if (*text == '\'')
			fputs(quote, stdout);
		else
			putchar(*text);
	}
}

/* "user|process" as two words. */
static void print_choice(const char *text)
{
	for (; *text; text++)
		putchar(*text == '|' ? ' ' : *text);
}

/* How a shell writes a list of words with descriptions. */
struct style {
	const char *open, *opened, *close;    /* before and behind a group's name; behind its words */
	const char *before, *between, *after; /* around a word and its description */
	const char *quote;
};

static void print_described(const struct style *style, const struct verb *verb, bool first)
{
	fputs(style->before, stdout);
	if (first)
		printf("%.*s", (int)first_word(verb), verb->name);
	else
		fputs(verb->name + first_word(verb) + 1, stdout);
	fputs(style->between, stdout);
	if (first && has_two_words(verb))
		print_second_words(verb, ", ");
	else
		print_escaped(verb->summary, "", style->quote);
	fputs(style->after, stdout);
}

/* All first words, then for each group the words that complete its name. */
static void print_verbs(const struct style *style)
{
	printf("%s%s", style->open, style->opened);
	for (const struct verb *verb = verbs; !is_last(verb); verb++)
		if (opens(verb))
			print_described(style, verb, true);
	fputs(style->close, stdout);
	for (const struct verb *group = verbs; !is_last(group); group++) {
		if (!opens_group(group))
			continue;
		printf("%s%.*s%s", style->open, (int)first_word(group), group->name, style->opened);
		for (const struct verb *verb = group; !is_last(verb); verb++)
			if (in_group(group, verb))
				print_described(style, verb, false);
		fputs(style->close, stdout);
	}
}

#include "bash.h"
#include "fish.h"
#include "zsh.h"

static const struct section {
	const char *shell, *mark;
	void (*print)(void);
} sections[] = {
	{ "bash", "ROWS", bash_rows },
	{ "zsh", "VERBS", zsh_verbs },
	{ "zsh", "ROWS", zsh_rows },
	{ "zsh", "GROUPS", zsh_groups },
	{ "fish", "VERBS", fish_verbs },
	{ "fish", "ROWS", fish_rows },
	{ "fish", "GROUPS", fish_groups },
	{ "fish", "ORDERED", fish_ordered },
	{ "fish", "VALUED", fish_valued },
};

static int print_section(const char *shell, const char *mark)
{
	size_t len = strcspn(mark, "@");

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (strcmp(sections[i].shell, shell) == 0 &&
		    strncmp(sections[i].mark, mark, len) == 0 && !sections[i].mark[len]) {
			sections[i].print();
			return EXIT_DONE;
		}
	fprintf(stderr, "generate: %s has no section %s", shell, mark);
	return EXIT_FAILED;
}

static int print_template(const char *shell, FILE *template)
{
	char line[256];
	int rc = EXIT_DONE;

	while (rc == EXIT_DONE && fgets(line, sizeof(line), template)) {
		const char *text = line + strspn(line, " \t");

		if (strncmp(text, "# @", 3) == 0)
			rc = print_section(shell, text + 3);
		else
			fputs(line, stdout);
	}
	return ferror(template) || fflush(stdout) || ferror(stdout) ? EXIT_FAILED : rc;
}

int main(int argc, char **argv)
{
	char path[64];
	FILE *template;
	int rc;

	if (argc != 2) {
		fputs("usage: generate SHELL\n", stderr);
		return EXIT_USAGE;
	}
	snprintf(path, sizeof(path), "completions/%s.in", argv[1]);
	template = fopen(path, "re");
	if (!template) {
		perror(path);
		return EXIT_FAILED;
	}
	rc = print_template(argv[1], template);
	fclose(template);
	return rc;
}
