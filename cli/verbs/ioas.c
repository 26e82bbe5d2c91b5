/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ioas copy, ranges, allow, change-process; option, vfio-ioas: beyond mapping. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "journal.h"
#include "options.h"
#include "table.h"
#include "verbs.h"

static int fail_plain(const struct call *call, const char *object, enum iommufd_op op, int error)
{
	return msg_fail_op(call->output, object, op, error, IOMMUFD_KIND_UNKNOWN);
}

/* ---- copy ----------------------------------------------------------------------------------- */

struct copy {
	uint32_t to, from;
	uint64_t at, length; /* in from */
	unsigned int flags;
	uint64_t iova;
};

static int parse_copy(const struct call *call, struct copy *copy)
{
	const char *iova = option(call, OPT_IOVA);
	int rc = need_ioas(call, call->args[0], &copy->to);

	copy->flags = access_flags(call) | (iova ? IOMMUFD_MAP_FIXED : 0);
	if (rc == EXIT_DONE)
		rc = need_ioas(call, call->args[1], &copy->from);
	if (rc == EXIT_DONE)
		rc = need_size(call, "IOVA", call->args[2], &copy->at);
	if (rc == EXIT_DONE)
		rc = need_size(call, "LENGTH", call->args[3], &copy->length);
	if (rc == EXIT_DONE && iova)
		rc = need_size(call, "--iova", iova, &copy->iova);
	return rc;
}

/* The kernel makes a mapping of its own of each piece. What is not known here cannot be remembered. */
static int remember_copy(struct context *ctx, const struct copy *copy)
{
	const struct ioas *from = find_ioas(ctx, copy->from);
	struct ioas *to = find_ioas(ctx, copy->to);

	for (uint64_t done = 0; from && to && done < copy->length;) {
		const struct mapping *known = ioas_mapping(from, copy->at + done);
		struct mapping piece;
		uint64_t skipped;

		if (!known)
			break;
		piece = *known;
		skipped = copy->at + done - piece.iova;
		piece.offset += skipped;
		piece.length -= skipped;
		if (piece.length > copy->length - done)
			piece.length = copy->length - done;
		piece.iova = copy->iova + done;
		piece.flags = copy->flags | IOMMUFD_MAP_FIXED;
		if (ioas_remember(to, &piece) < 0)
			return -ENOMEM;
		journal_map(ctx, to, &piece);
		done += piece.length;
	}
	return 0;
}

/* Nobody could unmap it by its address alone, as nobody was told that. */
static void undo_copy(const struct call *call, const struct copy *copy)
{
	struct ioas *to = find_ioas(call->ctx, copy->to);
	uint64_t done;

	iommufd_ioas_unmap(call->ctx->iommufd, copy->to, copy->iova, copy->length, &done);
	if (to)
		ioas_forget(call->ctx, to, copy->iova, copy->length);
}

int verb_ioas_copy(struct call *call)
{
	static const struct column column = { "iova", "IOVA", COLUMN_HEX };
	struct copy copy = { 0 };
	int rc = parse_copy(call, &copy);

	if (rc != EXIT_DONE)
		return rc;
	journal_begin(call->ctx, copy.to);
	rc = iommufd_ioas_copy(call->ctx->iommufd, copy.to, copy.from, copy.flags, copy.at, copy.length,
			       &copy.iova);
	if (rc < 0)
		return fail_plain(call, call->args[1], IOMMUFD_OP_IOAS_COPY, rc);
	if (remember_copy(call->ctx, &copy) < 0) {
		undo_copy(call, &copy);
		return msg_fail_errno(call->output, call->args[0], ENOMEM);
	}
	return print_value(call->output, &column, (struct value){ .number = copy.iova });
}

/* ---- ranges, allow ---------------------------------------------------------------------------------- */

struct ranges {
	const struct iommufd_range *ranges;
	size_t count;
	uint64_t alignment;
};

static bool next_range(const void *arg, size_t *cursor, struct value *row)
{
	const struct ranges *ranges = arg;

	if (*cursor == ranges->count)
		return false;
	row[0].number = ranges->ranges[*cursor].start;
	row[1].number = ranges->ranges[*cursor].last;
	row[2].number = ranges->alignment;
	++*cursor;
	return true;
}

static int print_ranges(const struct call *call, const struct ranges *ranges)
{
	static const struct column columns[] = {
		{ "start", "START", COLUMN_HEX },
		{ "last", "LAST", COLUMN_HEX },
		{ "alignment", "ALIGNMENT", COLUMN_NUMBER },
	};
	struct table table = { "ranges", columns, ARRAY_SIZE(columns), next_range, ranges, true, 0 };

	return print_tables(call->output, &table, 1);
}

int verb_ioas_ranges(struct call *call)
{
	struct iommufd_range few[64], *many = NULL;
	struct ranges ranges = { .ranges = few };
	uint32_t id;
	int rc = need_ioas(call, call->args[0], &id), n;

	if (rc != EXIT_DONE)
		return rc;
	n = iommufd_ioas_ranges(call->ctx->iommufd, id, few, ARRAY_SIZE(few), &ranges.alignment);
	while (n > (int)ARRAY_SIZE(few)) {
		int cap = n;

		free(many);
		many = calloc((size_t)cap, sizeof(*many));
		if (!many)
			return msg_fail_errno(call->output, call->args[0], ENOMEM);
		ranges.ranges = many;
		n = iommufd_ioas_ranges(call->ctx->iommufd, id, many, (size_t)cap, &ranges.alignment);
		if (n <= cap)
			break;
	}
	if (n < 0) {
		rc = msg_fail_op(call->output, call->args[0], IOMMUFD_OP_IOAS_RANGES, n,
				 IOMMUFD_KIND_UNKNOWN);
	} else {
		ranges.count = (size_t)n;
		rc = print_ranges(call, &ranges);
	}
	free(many);
	return rc;
}

int verb_ioas_allow(struct call *call)
{
	size_t n = (size_t)call->n_args - 1;
	struct iommufd_range *ranges;
	uint32_t id;
	int rc = need_ioas(call, call->args[0], &id);

	if (rc != EXIT_DONE)
		return rc;
	ranges = calloc(n + 1, sizeof(*ranges));
	if (!ranges)
		return msg_fail_errno(call->output, NULL, ENOMEM);
	for (size_t i = 0; i < n && rc == EXIT_DONE; i++)
		rc = need_range(call, call->args[i + 1], &ranges[i]);
	if (rc == EXIT_DONE) {
		rc = iommufd_ioas_allow(call->ctx->iommufd, id, ranges, n);
		rc = rc < 0 ? fail_plain(call, call->args[0], IOMMUFD_OP_IOAS_ALLOW, rc)
			    : print_nothing(call->output);
	}
	free(ranges);
	return rc;
}

int verb_ioas_change_process(struct call *call)
{
	int rc = context_open(call);

	if (rc != EXIT_DONE)
		return rc;
	rc = iommufd_ioas_change_process(call->ctx->iommufd);
	return rc < 0 ? fail_plain(call, NULL, IOMMUFD_OP_IOAS_CHANGE_PROCESS, rc)
		: print_nothing(call->output);
}

/* ---- option, vfio-ioas ------------------------------------------------------------------------ */

static const struct choice options[] = {
	{ "rlimit-mode", IOMMUFD_RLIMIT_MODE },
	{ "huge-pages", IOMMUFD_HUGE_PAGES },
};
/* The values of each: 0, then 1. */
static const char values[][2][8] = { { "user", "process" }, { "off", "on" } };

/* OPTION [IOAS]: huge-pages is of an IOAS, rlimit-mode of the whole. */
static int parse_option(const struct call *call, int surplus, uint32_t *option, uint32_t *object)
{
	int rc = need_choice(call, "OPTION", call->args[0], options, ARRAY_SIZE(options), option);

	*object = 0;
	if (rc == EXIT_DONE && *option >= ARRAY_SIZE(values))
		rc = msg_usage(call->output, "OPTION: '%s' is none that this version knows", call->args[0]);
	if (rc != EXIT_DONE)
		return rc;
	if (*option == IOMMUFD_HUGE_PAGES && call->n_args < 2 + surplus)
		return msg_usage(call->output, "huge-pages is an option of an IOAS: name it");
	if (*option == IOMMUFD_RLIMIT_MODE && call->n_args > 1 + surplus)
		return msg_usage(call->output, "rlimit-mode is of the whole iommufd: surplus argument '%s'",
				 call->args[1]);
	return *option == IOMMUFD_HUGE_PAGES ? need_ioas(call, call->args[1], object) : context_open(call);
}

int verb_option_get(struct call *call)
{
	static const struct column column = { "value", "VALUE", COLUMN_TEXT };
	uint32_t option, object;
	uint64_t value;
	int rc = parse_option(call, 0, &option, &object);

	if (rc != EXIT_DONE)
		return rc;
	rc = iommufd_option_get(call->ctx->iommufd, (enum iommufd_option_id)option, object, &value);
	if (rc < 0)
		return fail_plain(call, call->args[call->n_args - 1], IOMMUFD_OP_OPTION_GET, rc);
	return print_value(call->output, &column, (struct value){ .text = values[option][value != 0] });
}

int verb_option_set(struct call *call)
{
	const char *word = call->args[call->n_args - 1];
	uint32_t option, object, value = 0;
	int rc = parse_option(call, 1, &option, &object);

	if (rc != EXIT_DONE)
		return rc;
	while (value < 2 && strcmp(values[option][value], word) != 0)
		value++;
	if (value == 2)
		return msg_usage(call->output, "'%s' is neither '%s' nor '%s'", word, values[option][0],
				 values[option][1]);
	rc = iommufd_option_set(call->ctx->iommufd, (enum iommufd_option_id)option, object, value);
	return rc < 0 ? fail_plain(call, call->args[0], IOMMUFD_OP_OPTION_SET, rc)
		: print_nothing(call->output);
}

int verb_vfio_ioas_get(struct call *call)
{
	uint32_t id;
	int rc = context_open(call);

	if (rc != EXIT_DONE)
		return rc;
	rc = iommufd_vfio_ioas_get(call->ctx->iommufd, &id);
	return rc < 0 ? fail_plain(call, NULL, IOMMUFD_OP_VFIO_IOAS_GET, rc)
		      : print_id(call->output, id);
}

int verb_vfio_ioas_set(struct call *call)
{
	uint32_t id;
	int rc = need_ioas(call, call->args[0], &id);

	if (rc != EXIT_DONE)
		return rc;
	rc = iommufd_vfio_ioas_set(call->ctx->iommufd, id);
	return rc < 0 ? fail_plain(call, call->args[0], IOMMUFD_OP_VFIO_IOAS_SET, rc)
		: print_nothing(call->output);
}

int verb_vfio_ioas_clear(struct call *call)
{
	int rc = context_open(call);

	if (rc != EXIT_DONE)
		return rc;
	rc = iommufd_vfio_ioas_clear(call->ctx->iommufd);
	return rc < 0 ? fail_plain(call, NULL, IOMMUFD_OP_VFIO_IOAS_CLEAR, rc) : print_nothing(call->output);
}
