/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Print the completion script of a shell: its template, completions/SHELL.in, and at the template's
 * marks ("# @ROWS@") what the table of verbs says. Run by make, in the top directory. Nothing here names
 * a verb or an option: a new row of the table appears by itself.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context/registry.h"
#include "engine/command.h"
#include "util/number.h"
#include "verbs.h"

/* What may stand for a word. */
enum kind {
	KIND_NONE,  /* nothing that could be offered: a new name, an address */
	KIND_FILE,
	KIND_LIVE,  /* what there is now: see live.sh */
	KIND_CMD,   /* a program, and behind it the words of that program */
	KIND_VERB,
	KIND_CHOICE, /* one of the row's words */
};

/* The options before the verb, as a row. */
static const struct verb globals = { .name = "", .options = global_options };

/* All verbs, in the order of their groups. */
static const struct verb *verbs[128];
static size_t n_verbs;

static void collect_verbs(void)
{
	for (const struct verb_group *group = verb_groups; group->heading; group++)
		for (const struct verb *const *row = group->verbs; *row && n_verbs < ARRAY_SIZE(verbs); row++)
			verbs[n_verbs++] = *row;
}

static enum kind kind_of(const struct argument *arg)
{
	switch (arg->type) {
	case ARG_FILE:
	case ARG_FILE_OR_HEX:
	case ARG_PATH:
		return KIND_FILE;
	case ARG_NEW_DEVICE:
	case ARG_DEVICE:
	case ARG_DEVICE_ID:
	case ARG_ID:
	case ARG_MEMORY:
	case ARG_SESSION:
	case ARG_ANY_DEVICE:
	case ARG_CLAIMABLE:
	case ARG_CLAIMED:
		return KIND_LIVE;
	case ARG_COMMAND:
		return KIND_CMD;
	case ARG_VERB:
		return KIND_VERB;
	case ARG_CHOICE:
	case ARG_EITHER:
		return KIND_CHOICE;
	default:
		return KIND_NONE;
	}
}

/* "objects:IOAS,fault queue": as show has them; without a type: of any. */
static void print_objects(unsigned int types)
{
	const char *between = "";

	printf("objects:");
	for (int type = 0; type < OBJECT_TYPES; type++)
		if (types & 1U << type) {
			const char *name = object_type_name(type);

			printf("%s%s", between, strchr(name, ' ') + 1);
			between = ",";
		}
}

/* What live.sh calls it. */
static void print_live(const struct argument *arg)
{
	static const char *const names[] = {
		[ARG_NEW_DEVICE] = "list", [ARG_DEVICE] = "devices", [ARG_DEVICE_ID] = "ids",
		[ARG_MEMORY] = "memory", [ARG_SESSION] = "session", [ARG_CLAIMABLE] = "claimable",
		[ARG_ANY_DEVICE] = "any",
		[ARG_CLAIMED] = "claimed",
	};

	if (arg->type == ARG_ID)
		print_objects(arg->types);
	else
		fputs(names[arg->type], stdout);
}

/* The words of a choice. */
static void print_choice(const struct argument *arg, char between)
{
	for (const struct choice *choice = arg->choices; choice->word; choice++) {
		if (choice != arg->choices)
			putchar(between);
		fputs(choice->word, stdout);
	}
}

/* --- the table --------------------------------------------------------------------------------- */

typedef void option_fn(const struct verb *verb, const struct verb_option *option);

static void each_option_of(const struct verb *verb, const struct verb_option *options, option_fn *fn)
{
	for (; options && options->name; options++)
		if (!(verb->no_json && options->key == OPT_JSON))
			fn(verb, options);
}

/* A verb's own options, then the common ones. */
static void each_option(const struct verb *verb, option_fn *fn)
{
	each_option_of(verb, verb->options, fn);
	if (*verb->name)
		each_option_of(verb, common_options, fn);
}

static bool has_letter(const struct verb_option *option)
{
	return option->key < 128 && isgraph(option->key);
}

static size_t first_word(const struct verb *verb)
{
	return strcspn(verb->name, " ");
}

static bool has_two_words(const struct verb *verb)
{
	return verb->name[first_word(verb)];
}

/* Does b belong to the group that a's first word names, as "ioas map" belongs to "ioas"? */
static bool in_group(const struct verb *a, const struct verb *b)
{
	return has_two_words(a) && strncmp(a->name, b->name, first_word(a) + 1) == 0;
}

/* Is this row the first of its group? */
static bool opens_group(const struct verb *verb)
{
	size_t i = 0;

	while (verbs[i] != verb && !in_group(verb, verbs[i]))
		i++;
	return has_two_words(verb) && verbs[i] == verb;
}

/* Does this row bring a new first word? */
static bool opens(const struct verb *verb)
{
	return !has_two_words(verb) || opens_group(verb);
}

static void print_first_words(bool (*filter)(const struct verb *), const char *separator)
{
	const char *between = "";

	for (size_t i = 0; i < n_verbs; i++)
		if (filter(verbs[i])) {
			printf("%s%.*s", between, (int)first_word(verbs[i]), verbs[i]->name);
			between = separator;
		}
}

/* The words that complete the name of a group. */
static void print_second_words(const struct verb *group, const char *separator)
{
	const char *between = "";

	for (size_t i = 0; i < n_verbs; i++)
		if (in_group(group, verbs[i])) {
			printf("%s%s", between, verbs[i]->name + first_word(verbs[i]) + 1);
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
	for (size_t i = 0; i < n_verbs; i++)
		if (opens(verbs[i]))
			print_described(style, verbs[i], true);
	fputs(style->close, stdout);
	for (size_t group = 0; group < n_verbs; group++) {
		if (!opens_group(verbs[group]))
			continue;
		printf("%s%.*s%s", style->open, (int)first_word(verbs[group]), verbs[group]->name, style->opened);
		for (size_t i = group; i < n_verbs; i++)
			if (in_group(verbs[group], verbs[i]))
				print_described(style, verbs[i], false);
		fputs(style->close, stdout);
	}
}

/* live.sh as one word: quote stands for a single quote in it, special gets a backslash. */
static void print_script(const char *special, const char *quote)
{
	FILE *script = fopen("completions/live.sh", "re");
	char line[256];

	while (script && fgets(line, sizeof(line), script))
		print_escaped(line, special, quote);
	if (!script || fclose(script) == EOF) {
		perror("completions/live.sh");
		exit(EXIT_FAILED);
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
	{ "bash", "LIVE", bash_live },
	{ "zsh", "LIVE", zsh_live },
	{ "zsh", "VERBS", zsh_verbs },
	{ "zsh", "ROWS", zsh_rows },
	{ "zsh", "GROUPS", zsh_groups },
	{ "fish", "LIVE", fish_live },
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
	collect_verbs();
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
