/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <string.h>

struct parser {
	struct call *call;
	struct given *given;
	char **next;	/* the word behind the one being looked at; a NULL ends them */
	bool ended;   /* no more options */
};

static bool is_end(const struct argp_option *row)
{
	return !row->name && !row->key && !row->doc;
}

/* What follows the name in the word, "" or "=VALUE"; NULL: it is another one. */
static const char *behind_name(const char *name, const char *word)
{
	size_t n = 0;

	while (name[n] && name[n] == word[n])
		n++;
	return !name[n] && (!word[n] || word[n] == '=') ? word + n : NULL;
}

/* word: without its dashes */
static const struct argp_option *find_long(const struct argp_option *row, const char *word,
						  const char **ret_rest)
{
	for (; row && (row->name || !is_end(row)); row++)
		if (row->name && (*ret_rest = behind_name(row->name, word)))
			return row;
	return NULL;
}

static const struct argp_option *find_short(const struct argp_option *row, int key)
{
	for (; row && !is_end(row); row++)
		if (row->key == key)
			return row;
	return NULL;
}

static int unknown(const struct parser *p, const char *word)
{
	const char *rest;

	if (*p->call->verb->name && word[1] == '-' && find_long(global_options, word + 2, &rest))
		return msg_usage(p->call->output, "option '%s' goes before the verb", word);
	return msg_usage(p->call->output, "unknown option '%s'", word);
}

/* value: what stands behind '=' or the option's letter, or NULL: an option that takes one has it next. */
static int take(struct parser *p, const struct argp_option *row, const char *value)
{
	struct call *call = p->call;

	if (row->arg && !value && !(value = *p->next++))
		return msg_usage(call->output, "option '--%s' needs a value (%s)", row->name, row->arg);
	if (option(call, row->key) && row->key != call->verb->repeats)
		return msg_usage(call->output, "option '--%s' is given twice", row->name);
	if (call->n_given == MAX_GIVEN)
		return msg_usage(call->output, "more than %d options", MAX_GIVEN);
	p->given[call->n_given++] = (struct given){ row, value };
	call->given_flags |= row->flags;
	return EXIT_DONE;
}

static int parse_long(struct parser *p, const char *word)
{
	const char *rest;
	const struct argp_option *row = find_long(p->call->verb->options, word + 2, &rest);

	if (!row)
		row = find_long(common_options, word + 2, &rest);
	if (!row)
		return unknown(p, word);
	if (*rest && !row->arg)
		return msg_usage(p->call->output, "option '--%s' takes no value", row->name);
	return take(p, row, *rest ? rest + 1 : NULL);
}

static int parse_short(struct parser *p, const char *word)
{
	for (const char *letter = word + 1; *letter; letter++) {
		const struct argp_option *row = find_short(p->call->verb->options, *letter);
		int rc;

		if (!row)
			row = find_short(common_options, *letter);
		if (!row)
			return unknown(p, word);
		rc = take(p, row, row->arg && letter[1] ? letter + 1 : NULL);
		if (rc != EXIT_DONE || row->arg)
			return rc;
	}
	return EXIT_DONE;
}

static int parse_word(struct parser *p, const char *word)
{
	if (word[1] != '-')
		return parse_short(p, word);
	if (word[2])
		return parse_long(p, word);
	p->ended = true;
	return EXIT_DONE;
}

int parse_options(struct call *call, char **argv, struct given *given)
{
	struct parser p = { .call = call, .given = given, .next = argv };
	char *word, **args = argv;
	int rc = EXIT_DONE;

	call->args = argv;
	call->given = given;
	while (rc == EXIT_DONE && (word = *p.next++)) {
		if (word[0] == '-' && word[1] && !p.ended) {
			rc = parse_word(&p, word);
		} else {
			p.ended = p.ended || call->verb->flags & VERB_IN_ORDER;
			*args++ = word;
		}
	}
	*args = NULL;
	call->n_args = (int)(args - argv);
	return rc;
}

const char *option(const struct call *call, int key)
{
	for (int i = 0; i < call->n_given; i++)
		if (call->given[i].row->key == key)
			return call->given[i].value ? call->given[i].value : "";
	return NULL;
}

/* No two words share their end. */
bool is_of_word(const char *value, const char *word)
{
	return strchr(value, '\0') == strchr(word, '\0');
}

static struct passed *find_passed(const struct call *call, const char *word)
{
	for (size_t i = 0; i < call->from->n_passed; i++)
		if (is_of_word(word, call->from->passed[i].word))
			return &call->from->passed[i];
	return NULL;
}

bool word_fd(const struct call *call, const char *word, int *ret)
{
	const struct passed *passed;

	if (!call->from->holder)
		return parse_fd(word, ret);
	passed = find_passed(call, word);
	if (!passed || passed->fd < 0)
		return false;
	*ret = passed->fd;
	return true;
}

bool take_fd(const struct call *call, const char *word)
{
	struct passed *passed = find_passed(call, word);

	if (passed)
		passed->fd = -1;
	return passed;
}
