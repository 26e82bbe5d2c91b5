/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table for bash. Included once, by generate.c. */

/* A choice is written as it is in the table. */
static const char *bash_kind(enum kind kind, const char *text)
{
	static const char *const names[] = {
		[KIND_NONE] = "none", [KIND_FILE] = "file", [KIND_DEV] = "dev",
		[KIND_CMD] = "cmd",   [KIND_VERB] = "verb",
	};

	return kind == KIND_CHOICE ? text : names[kind];
}

static void bash_option(const struct verb *verb, const struct argp_option *option)
{
	char value[80] = "";

	(void)verb;
	if (option->arg)
		snprintf(value, sizeof(value), "='%s'", bash_kind(kind_of(option->arg), option->arg));
	printf(" --%s%s", option->name, value);
	if (has_letter(option))
		printf(" -%c%s", option->key, value);
}

static void bash_row(const struct verb *verb)
{
	struct arg arg;

	printf("\t'%s')\n\t\toptions=(", verb->name);
	each_option(verb, bash_option);
	printf(" )\n\t\targuments=(");
	for (const char *at = verb->args; (at = next_arg(at, &arg)); ) {
		/* Behind CMD all is the program's; a VERB may be two words. */
		bool last = arg.repeats || arg.kind == KIND_CMD || arg.kind == KIND_VERB;

		printf(" '%s%s'", bash_kind(arg.kind, arg.text), last ? "..." : "");
		if (last)
			break;
	}
	printf(" )\n%s\t\t;;\n", verb->flags & VERB_IN_ORDER ? "\t\tordered=1\n" : "");
}

static void bash_rows(void)
{
	printf("\t'')\n\t\toptions=(");
	each_option(&globals, bash_option);
	printf(" )\n\t\tsubs='");
	print_first_words(opens, " ");
	printf("'\n\t\t;;\n");
	for (const struct verb *verb = verbs; !is_last(verb); verb++) {
		if (opens_group(verb)) {
			printf("\t'%.*s')\n\t\tsubs='", (int)first_word(verb), verb->name);
			print_second_words(verb, " ");
			printf("'\n\t\t;;\n");
		}
		if (is_verb(verb))
			bash_row(verb);
	}
}
