/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table for zsh, as words of _arguments. Included once, by generate.c. */

#define ZSH_QUOTE "'\\''"

/* ":MESSAGE:ACTION" */
static void zsh_value(const struct argument *arg)
{
	enum kind kind = kind_of(arg);
	static const char *const actions[] = {
		[KIND_NONE] = " ",
		[KIND_FILE] = "_files",
		[KIND_CMD] = "_command_names -e",
		[KIND_VERB] = " _iommufdctl_verbs \"\"",
	};

	putchar(':');
	print_escaped(arg->name, ":\\", ZSH_QUOTE);
	putchar(':');
	if (kind == KIND_CHOICE) {
		putchar('(');
		print_choice(arg, ' ');
		putchar(')');
	} else if (kind == KIND_LIVE) {
		printf("{_iommufdctl_live \"");
		print_live(arg);
		printf("\"}");
	} else {
		fputs(actions[kind], stdout);
	}
}

/* One spelling of an option. equals: what may stand before a value in the same word. */
static void zsh_spelling(const struct verb *verb, const struct verb_option *option, const char *spelling,
			 char equals)
{
	printf("\n\t\t\t'");
	(void)verb;
	if (option->flags & OPTION_REPEATS)
		putchar('*');
	else if (has_letter(option))
		printf("(-%c --%s)", option->key, option->name);
	fputs(spelling, stdout);
	if (option->value.name)
		putchar(equals);
	putchar('[');
	print_escaped(option->help, "[]\\", ZSH_QUOTE);
	putchar(']');
	if (option->value.name)
		zsh_value(&option->value);
	putchar('\'');
}

static void zsh_option(const struct verb *verb, const struct verb_option *option)
{
	char spelling[80];

	snprintf(spelling, sizeof(spelling), "--%s", option->name);
	zsh_spelling(verb, option, spelling, '=');
	snprintf(spelling, sizeof(spelling), "-%c", option->key);
	if (has_letter(option))
		zsh_spelling(verb, option, spelling, '+');
}

static void zsh_arguments(const struct verb *verb)
{
	int n = 0;

	for (const struct argument *arg = verb->args; arg->name; arg++) {
		if (arg->type == ARG_COMMAND) {
			printf("\n\t\t\t'(-): :_command_names -e' '*::ARG:_normal'");
			return;
		}
		printf("\n\t\t\t'%s", arg->flags & ARG_REPEATS ? "*" :
					arg->flags & (ARG_OPTIONAL | ARG_TOGETHER) ? ":" : "");
		zsh_value(arg);
		putchar('\'');
		n++;
		if (arg->type == ARG_VERB) /* its name may be two words */
			printf(" '::VERB:{_iommufdctl_verbs \"$line[%d]\"}'", n);
	}
}

static void zsh_live(void)
{
	printf("\tlocal script='");
	print_script("", ZSH_QUOTE);
	printf("'\n");
}

static void zsh_rows(void)
{
	printf("\t'')\n\t\trow=(-A '-*'");
	each_option(&globals, zsh_option);
	printf("\n\t\t\t'(-): : _iommufdctl_verbs \"\"' '(-)*:: :->verb'\n\t\t)\n\t\t;;\n");
	for (size_t i = 0; i < n_verbs; i++) {
		printf("\t'%s')\n\t\trow=(%s", verbs[i]->name, verbs[i]->in_order ? "-A '-*'" : "");
		each_option(verbs[i], zsh_option);
		zsh_arguments(verbs[i]);
		printf("\n\t\t)\n\t\t;;\n");
	}
}

static void zsh_groups(void)
{
	printf("\t(");
	print_first_words(opens_group, "|");
	printf(")\n");
}

static void zsh_verbs(void)
{
	static const struct style style = {
		.open = "\t'",
		.opened = "')\n\t\tverbs=(\n",
		.close = "\t\t)\n\t\t;;\n",
		.before = "\t\t\t'",
		.between = ":",
		.after = "'\n",
		.quote = ZSH_QUOTE,
	};

	print_verbs(&style);
}
