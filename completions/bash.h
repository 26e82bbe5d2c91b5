/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table for bash. Included once, by generate.c. */

static void bash_kind(const struct argument *arg)
{
	static const char *const names[] = {
		[KIND_NONE] = "none", [KIND_FILE] = "file", [KIND_LIVE] = "@",
		[KIND_CMD] = "cmd",   [KIND_VERB] = "verb",
	};
	enum kind kind = kind_of(arg);

	if (kind == KIND_CHOICE)
		print_choice(arg, '|');
	else
		fputs(names[kind], stdout);
	if (kind == KIND_LIVE)
		print_live(arg);
}

static void bash_live(void)
{
	printf("\tsh -c '");
	print_script("", "'\\''");
	printf("' sh \"$@\"\n");
}

static void bash_spelling(const struct verb_option *option)
{
	if (!option->value.name)
		return;
	printf("='");
	bash_kind(&option->value);
	putchar('\'');
}

static void bash_option(const struct verb *verb, const struct verb_option *option)
{
	(void)verb;
	printf(" --%s", option->name);
	bash_spelling(option);
	if (has_letter(option)) {
		printf(" -%c", option->key);
		bash_spelling(option);
	}
}

static void bash_row(const struct verb *verb)
{
	bool last = false;

	printf("\t'%s')\n\t\toptions=(", verb->name);
	each_option(verb, bash_option);
	printf(" )\n\t\targuments=(");
	for (const struct argument *arg = verb->args; arg->name && !last; arg++) {
		/* Behind CMD all is the program's; a VERB may be two words. */
		last = arg->flags & ARG_REPEATS || arg->type == ARG_COMMAND || arg->type == ARG_VERB;
		printf(" '");
		bash_kind(arg);
		printf("%s'", last ? "..." : "");
	}
	printf(" )\n%s\t\t;;\n", verb->in_order ? "\t\tordered=1\n" : "");
}

static void bash_rows(void)
{
	printf("\t'')\n\t\toptions=(");
	each_option(&globals, bash_option);
	printf(" )\n\t\tsubs='");
	print_first_words(opens, " ");
	printf("'\n\t\t;;\n");
	for (size_t i = 0; i < n_verbs; i++) {
		if (opens_group(verbs[i])) {
			printf("\t'%.*s')\n\t\tsubs='", (int)first_word(verbs[i]), verbs[i]->name);
			print_second_words(verbs[i], " ");
			printf("'\n\t\t;;\n");
		}
		bash_row(verbs[i]);
	}
}
