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
	for (const struct verb *verb = verbs; !is_last(verb); verb++)
		if (is_verb(verb) && verb->flags & VERB_IN_ORDER)
			printf(" '%s'", verb->name);
	putchar('\n');
}

static void fish_valued_option(const struct verb *verb, const struct argp_option *option)
{
	if (option->arg)
		printf(" \\\n        '%s --%s'", verb->name, option->name);
	if (option->arg && has_letter(option))
		printf(" '%s -%c'", verb->name, option->key);
}

static void fish_valued(void)
{
	printf("    contains -- \"$argv[1]\"");
	each_option(&globals, fish_valued_option);
	for (const struct verb *verb = verbs; !is_last(verb); verb++)
		if (is_verb(verb))
			each_option(verb, fish_valued_option);
	putchar('\n');
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
static void fish_offer(enum kind kind, const char *text, int n)
{
	if (kind == KIND_FILE)
		printf(" -F");
	else if (kind == KIND_DEV)
		printf(" -a '(__iommufdctl_devices)'");
	else if (kind == KIND_CMD)
		printf(" -a '(__iommufdctl_command %d)'", n);
	else if (kind == KIND_VERB)
		printf(" -a '(__iommufdctl_verbs \"\")'");
	else if (kind == KIND_CHOICE) {
		printf(" -a '");
		print_choice(text);
		putchar('\'');
	}
}

static void fish_option(const struct verb *verb, const struct argp_option *option)
{
	enum kind kind = option->arg ? kind_of(option->arg) : KIND_NONE;

	printf(FISH_COMPLETE "__iommufdctl_options \"%s\"' -l %s", verb->name, option->name);
	if (has_letter(option))
		printf(" -s %c", option->key);
	if (option->arg) {
		printf(kind == KIND_FILE ? " -r" : " -x");
		fish_offer(kind, option->arg, 0);
	}
	printf(" -d '");
	print_escaped(option->doc, "\\", FISH_QUOTE);
	printf("'\n");
}

/* onwards: n, and whatever comes behind it. */
static void fish_argument(const char *verb, int n, bool onwards)
{
	printf(FISH_COMPLETE "__iommufdctl_argument \"%s\" %d%s'", verb, n, onwards ? " onwards" : "");
}

static void fish_arguments(const struct verb *verb)
{
	struct arg arg;
	int n = 0;

	for (const char *at = verb->args; (at = next_arg(at, &arg)); n++) {
		if (arg.kind == KIND_NONE)
			continue;
		fish_argument(verb->name, n, arg.repeats || arg.kind == KIND_CMD);
		fish_offer(arg.kind, arg.text, n);
		putchar('\n');
		if (arg.kind != KIND_VERB)
			continue;
		fish_argument(verb->name, n + 1, false); /* its name may be two words */
		printf(" -a '(__iommufdctl_verbs (__iommufdctl_state)[%d])'\n", n + 3);
	}
}

static void fish_rows(void)
{
	fish_argument("", 0, false);
	fish_offer(KIND_VERB, "", 0);
	putchar('\n');
	each_option(&globals, fish_option);
	for (const struct verb *verb = verbs; !is_last(verb); verb++) {
		int len = is_verb(verb) ? (int)first_word(verb) : 0;

		if (opens_group(verb))
			printf(FISH_COMPLETE "__iommufdctl_argument %.*s 0' -a '(__iommufdctl_verbs %.*s)'\n",
			       len, verb->name, len, verb->name);
		if (is_verb(verb)) {
			each_option(verb, fish_option);
			fish_arguments(verb);
		}
	}
}
