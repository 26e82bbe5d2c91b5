/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/value.h"
#include <stdlib.h>
#include <string.h>

#include "engine/meant.h"

static int fail_choice(const struct call *call, const char *label, const char *text,
		       const struct choice *choices)
{
	struct buffer words = { .fd = -1 };
	char meant[NEAR_ROOM];
	int rc;

	for (const struct choice *choice = choices; choice->word; choice++)
		buf_format(&words, "%s%s", words.len ? ", " : "", choice->word);
	buf_char(&words, '\0');
	rc = words.error ? msg_fail_errno(call->output, text, words.error)
			 : msg_usage(call->output, "%s: '%s' is none of %s%s", label, text, words.buf,
				     meant_choice(choices, text, meant));
	free(words.buf);
	return rc;
}

static int parse_number(const struct call *call, const char *label, const char *text, uint64_t *ret)
{
	uint64_t value;

	if (!parse_size(text, &value) || value > UINT32_MAX)
		return msg_usage(call->output, "%s: '%s' is no number up to 4294967295", label, text);
	*ret = value;
	return EXIT_DONE;
}

static int parse_choice(const struct call *call, const struct argument *arg, const char *label,
			const char *text, uint64_t *ret)
{
	char meant[NEAR_ROOM];

	for (const struct choice *choice = arg->choices; choice->word; choice++)
		if (strcmp(choice->word, text) == 0) {
			*ret = choice->value;
			return EXIT_DONE;
		}
	if (arg->type == ARG_EITHER)
		return msg_usage(call->output, "%s: '%s' is neither '%s' nor '%s'%s", label, text,
				 arg->choices[0].word, arg->choices[1].word,
				 meant_choice(arg->choices, text, meant));
	return is_digit(*text) ? parse_number(call, label, text, ret)
			       : fail_choice(call, label, text, arg->choices);
}

static int check_memory_name(const struct call *call, const char *text)
{
	int fd;

	if (is_name(text))
		return EXIT_DONE;
	return msg_usage(call->output, "'%s' is no name of a memory%s", text,
			 parse_fd(text, &fd) ? ": the fd is the caller's to close" : "");
}

static int parse_value(const struct call *call, const struct argument *arg, const char *label,
		       const char *text, uint64_t *ret)
{
	switch (arg->type) {
	case ARG_SIZE:
		if (parse_size(text, ret))
			return EXIT_DONE;
		return msg_usage(call->output,
				 "%s: '%s' is no number of bytes (decimal or 0x hex, with K, M, G or T)",
				 label, text);
	case ARG_NUMBER:
		return parse_number(call, label, text, ret);
	case ARG_CHOICE:
	case ARG_EITHER:
		return parse_choice(call, arg, label, text, ret);
	case ARG_MEMORY:
		return arg->flags & ARG_BY_NAME ? check_memory_name(call, text) : EXIT_DONE;
	default:
		return EXIT_DONE;
	}
}

int values_parse(struct call *call)
{
	char label[64] = "--";
	int rc = EXIT_DONE;

	for (int i = 0; i < call->n_args && call->verb->args[i].name && !rc; i++) {
		const struct argument *arg = &call->verb->args[i];

		rc = parse_value(call, arg, arg->label ? arg->label : arg->name, call->args[i],
				 &call->values[i]);
	}
	for (struct given *given = call->given; given < call->given + call->n_given && !rc; given++) {
		strcpy(label + 2, given->option->name);
		rc = parse_value(call, &given->option->value, label, given->value, &given->number);
	}
	return rc;
}

int arg_range(const struct call *call, int i, struct iommufd_range *ret)
{
	if (!parse_range(call->args[i], &ret->start, &ret->last))
		return msg_usage(call->output, "'%s' is no range: expected START-LAST, as 0x100000-0x1fffff",
				 call->args[i]);
	if (ret->start > ret->last)
		return msg_usage(call->output, "'%s' is no range: it ends before it begins", call->args[i]);
	return EXIT_DONE;
}

const char *choice_word(const struct choice *choices, uint32_t value)
{
	while (choices->word && choices->value != value)
		choices++;
	return choices->word;
}
