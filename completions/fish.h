/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table for fish, as calls of complete. Included once, by generate.c. */

#define FISH_QUOTE "\\'"
#define FISH_COMPLETE "complete -c iommufdctl -n '"

static void fish_groups(void)
{
	printf("    contains -- \"$argv[1]\" '' ");
	print_first_words(opens_group, " ");
	putchar('\n');
}

static void fish_ordered(void)
{
	printf("    contains -- \"$argv[1]\"");
	for (size_t i = 0; i < n_verbs; i++)
		if (verbs[i]->in_order)
			printf(" '%s'", verbs[i]->name);
	putchar('\n');
}

static void fish_valued_option(const struct verb *verb, const struct verb_option *option)
{
	if (option->value.name)
		printf(" \\\n        '%s --%s'", verb->name, option->name);
	if (option->value.name && has_letter(option))
		printf(" '%s -%c'", verb->name, option->key);
}

static void fish_valued(void)
{
	printf("    contains -- \"$argv[1]\"");
	each_option(&globals, fish_valued_option);
	for (size_t i = 0; i < n_verbs; i++)
		each_option(verbs[i], fish_valued_option);
	putchar('\n');
}

static void fish_live(void)
{
	printf("    set -l script '");
	print_script("\\", FISH_QUOTE);
	printf("'\n");
}

static void fish_verbs(void)
{
	static const struct style style = {
		.open = "        case '",
		.opened = "'\n            printf '%s\\t%s\\n'",
		.close = "\n",
		.before = " \\\n                ",
		.between = " '",
		.after = "'",
		.quote = FISH_QUOTE,
	};

	print_verbs(&style);
}

/* What is offered. The words of a program begin at the verb's argument n. */
static void fish_offer(const struct argument *arg, int n)
{
	switch (kind_of(arg)) {
	case KIND_FILE:
		printf(" -F");
		break;
	case KIND_LIVE:
		printf(" -a '(__iommufdctl_live \"");
		print_live(arg);
		printf("\")'");
		break;
	case KIND_CMD:
		printf(" -a '(__iommufdctl_command %d)'", n);
		break;
	case KIND_VERB:
		printf(" -a '(__iommufdctl_verbs \"\")'");
		break;
	case KIND_CHOICE:
		printf(" -a '");
		print_choice(arg, ' ');
		putchar('\'');
		break;
	default:
		break;
	}
}

static void fish_option(const struct verb *verb, const struct verb_option *option)
{
	printf(FISH_COMPLETE "__iommufdctl_options \"%s\"' -l %s", verb->name, option->name);
	if (has_letter(option))
		printf(" -s %c", option->key);
	if (option->value.name) {
		printf(kind_of(&option->value) == KIND_FILE ? " -r" : " -x");
		fish_offer(&option->value, 0);
	}
	printf(" -d '");
	print_escaped(option->help, "\\", FISH_QUOTE);
	printf("'\n");
}

/* onwards: n, and whatever comes behind it. */
static void fish_argument(const char *verb, int n, bool onwards)
{
	printf(FISH_COMPLETE "__iommufdctl_argument \"%s\" %d%s'", verb, n, onwards ? " onwards" : "");
}

static void fish_arguments(const struct verb *verb)
{
	int n = 0;

	for (const struct argument *arg = verb->args; arg->name; arg++, n++) {
		if (kind_of(arg) == KIND_NONE)
			continue;
		fish_argument(verb->name, n, arg->flags & ARG_REPEATS || arg->type == ARG_COMMAND);
		fish_offer(arg, n);
		putchar('\n');
		if (arg->type != ARG_VERB)
			continue;
		fish_argument(verb->name, n + 1, false); /* its name may be two words */
		printf(" -a '(__iommufdctl_verbs (__iommufdctl_state)[%d])'\n", n + 3);
	}
}

static void fish_rows(void)
{
	fish_argument("", 0, false);
	printf(" -a '(__iommufdctl_verbs \"\")'\n");
	each_option(&globals, fish_option);
	for (size_t i = 0; i < n_verbs; i++) {
		int len = (int)first_word(verbs[i]);

		if (opens_group(verbs[i]))
			printf(FISH_COMPLETE "__iommufdctl_argument %.*s 0' -a '(__iommufdctl_verbs %.*s)'\n",
			       len, verbs[i]->name, len, verbs[i]->name);
		each_option(verbs[i], fish_option);
		fish_arguments(verbs[i]);
	}
}
