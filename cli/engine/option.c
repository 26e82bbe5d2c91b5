/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parser of options. Not argp's, nor getopt's: they take abbreviations, and cannot tell an unknown option
 * from one without its value.
 */
#include "engine/option.h"
#include <string.h>

#include "engine/command.h"
#include "engine/meant.h"

#define JSON_OPTION { "json", OPT_JSON, .help = "Print one JSON object" }
#define VERBOSE_OPTION { "verbose", OPT_VERBOSE, .help = "Show each ioctl on stderr" }
#define HELP_OPTION { "help", OPT_HELP, .help = "Print this help" }

const struct verb_option common_options[] = { JSON_OPTION, VERBOSE_OPTION, HELP_OPTION, { NULL } };

const struct verb_option global_options[] = {
	{ "session", OPT_SESSION, { "NAME", ARG_SESSION }, "Have this session run it" },
	{ "iommufd", OPT_IOMMUFD, { "fd:N|PATH", ARG_PATH }, "Use an open iommufd, or open this one" },
	{ "once", OPT_ONCE, .help = "Run it although it is released at the end" },
	{ "version", OPT_VERSION, .help = "Print the version" },
	JSON_OPTION,
	VERBOSE_OPTION,
	HELP_OPTION,
	{ NULL },
};

struct parser {
	struct call *call;
	struct given *given;
	char **next; /* the word behind the one being looked at; a NULL ends them */
	int index;   /* of next */
	bool ended;  /* no more options */
};

enum form { SHORT, LONG };

/* By its letter, or by its name of so many characters. */
static const struct verb_option *find_in(const struct verb_option *options, enum form form, const char *name,
					 size_t len)
{
	for (; options && options->name; options++)
		if (form == SHORT ? options->key == *name
				  : strncmp(options->name, name, len) == 0 && !options->name[len])
			return options;
	return NULL;
}

static const struct verb_option *find_option(const struct parser *p, enum form form, const char *name,
					     size_t len)
{
	return find_in(p->call->verb->options, form, name, len) ?: find_in(common_options, form, name, len);
}

static int fail_unknown(const struct parser *p, const char *word)
{
	const struct verb *verb = p->call->verb;
	const struct verb_option *const lists[] = { verb->options, common_options, global_options };
	bool is_global = word[1] == '-' && find_in(global_options, LONG, word + 2, strcspn(word + 2, "="));
	char meant[NEAR_ROOM];

	if (*verb->name && is_global)
		return msg_usage(p->call->output, "option '%s' goes before the verb", word);
	return msg_usage(p->call->output, "unknown option '%s'%s", word,
			 meant_option(lists, ARRAY_SIZE(lists), word, meant));
}

/* value: what stands behind '=' or the option's letter, or NULL: an option that takes one has it next. */
static int take_option(struct parser *p, const struct verb_option *option, const char *value)
{
	struct call *call = p->call;
	int index = p->index - 1;

	if (option->value.name && !value) {
		value = *p->next;
		if (!value)
			return msg_usage(call->output, "option '--%s' needs a value (%s)", option->name,
					 option->value.name);
		p->next++;
		index = p->index++;
	}
	if (opt_given(call, option->key) && !(option->flags & OPTION_REPEATS))
		return msg_usage(call->output, "option '--%s' is given twice", option->name);
	if (call->n_given == MAX_GIVEN)
		return msg_usage(call->output, "more than %d options", MAX_GIVEN);
	p->given[call->n_given++] = (struct given){ option, value, index, 0 };
	call->option_flags |= option->flags;
	return EXIT_DONE;
}

static int parse_long(struct parser *p, const char *word)
{
	const char *name = word + 2, *end = name + strcspn(name, "=");
	const struct verb_option *option = find_option(p, LONG, name, (size_t)(end - name));

	if (!option)
		return fail_unknown(p, word);
	if (*end && !option->value.name)
		return msg_usage(p->call->output, "option '--%s' takes no value", option->name);
	return take_option(p, option, *end ? end + 1 : NULL);
}

static int parse_short(struct parser *p, const char *word)
{
	for (const char *letter = word + 1; *letter; letter++) {
		const struct verb_option *option = find_option(p, SHORT, letter, 1);
		int rc;

		if (!option)
			return fail_unknown(p, word);
		rc = take_option(p, option, option->value.name && letter[1] ? letter + 1 : NULL);
		if (rc != EXIT_DONE || option->value.name)
			return rc;
	}
	return EXIT_DONE;
}

static int parse_option(struct parser *p, const char *word)
{
	if (word[1] != '-')
		return parse_short(p, word);
	if (word[2])
		return parse_long(p, word);
	p->ended = true;
	return EXIT_DONE;
}

int option_parse(struct call *call, char **argv, int first, struct given *given, uint16_t *indexes)
{
	struct parser p = { .call = call, .given = given, .next = argv, .index = first };
	char *word, **args = argv;
	int rc = EXIT_DONE;

	call->args = argv;
	call->arg_indexes = indexes;
	call->given = given;
	while (rc == EXIT_DONE && (word = *p.next)) {
		p.next++;
		p.index++;
		if (word[0] == '-' && word[1] && !p.ended) {
			rc = parse_option(&p, word);
			continue;
		}
		p.ended = p.ended || call->verb->in_order;
		if (args - argv < IOMMUFD_SESSION_WORDS)
			indexes[args - argv] = (uint16_t)(p.index - 1);
		*args++ = word;
	}
	*args = NULL;
	call->n_args = (int)(args - argv);
	return rc;
}

const struct given *opt_given(const struct call *call, int key)
{
	for (const struct given *given = call->given; given < call->given + call->n_given; given++)
		if (given->option->key == key)
			return given;
	return NULL;
}

const char *opt_value(const struct call *call, int key)
{
	const struct given *given = opt_given(call, key);

	return given ? given->value ? given->value : "" : NULL;
}
