/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table for zsh, as words of _arguments. Included once, by generate.c. */

#define ZSH_QUOTE "'\\''"

/* ":MESSAGE:ACTION" */
static void zsh_value(enum kind kind, const char *text)
{
	static const char *const actions[] = {
		[KIND_NONE] = " ",
		[KIND_FILE] = "_files",
		[KIND_DEV] = " _iommufdctl_devices",
		[KIND_CMD] = "_command_names -e",
		[KIND_VERB] = " _iommufdctl_verbs \"\"",
	};

	putchar(':');
	print_escaped(text, ":\\", ZSH_QUOTE);
	putchar(':');
	if (kind == KIND_CHOICE) {
		putchar('(');
		print_choice(text);
		putchar(')');
	} else {
		fputs(actions[kind], stdout);
	}
}

/* One spelling of an option. equals: what may stand before a value in the same word. */
static void zsh_spelling(const struct verb *verb, const struct argp_option *option, const char *spelling,
			 char equals)
{
	printf("\n\t\t\t'");
	if (verb->repeats == option->key)
		putchar('*');
	else if (has_letter(option))
		printf("(-%c --%s)", option->key, option->name);
	fputs(spelling, stdout);
	if (option->arg)
		putchar(equals);
	putchar('[');
	print_escaped(option->doc, "[]\\", ZSH_QUOTE);
	putchar(']');
	if (option->arg)
		zsh_value(kind_of(option->arg), option->arg);
	putchar('\'');
}

static void zsh_option(const struct verb *verb, const struct argp_option *option)
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
	struct arg arg;
	int n = 0;

	for (const char *at = verb->args; (at = next_arg(at, &arg)); ) {
		if (arg.kind == KIND_CMD) {
			printf("\n\t\t\t'(-): :_command_names -e' '*::ARG:_normal'");
			return;
		}
		printf("\n\t\t\t'%s", arg.repeats ? "*" : arg.optional ? ":" : "");
		zsh_value(arg.kind, arg.text);
		putchar('\'');
		n++;
		if (arg.kind == KIND_VERB) /* its name may be two words */
			printf(" '::VERB:{_iommufdctl_verbs \"$line[%d]\"}'", n);
	}
}

static void zsh_rows(void)
{
	printf("\t'')\n\t\trow=(-A '-*'");
	each_option(&globals, zsh_option);
	printf("\n\t\t\t'(-): : _iommufdctl_verbs \"\"' '(-)*:: :->verb'\n\t\t)\n\t\t;;\n");
	for (const struct verb *verb = verbs; !is_last(verb); verb++)
		if (is_verb(verb)) {
			printf("\t'%s')\n\t\trow=(%s", verb->name,
			       verb->flags & VERB_IN_ORDER ? "-A '-*'" : "");
			each_option(verb, zsh_option);
			zsh_arguments(verb);
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
