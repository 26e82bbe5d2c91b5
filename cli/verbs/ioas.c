/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ioas alloc, ranges, allow, change-process. What is mapped in one is in map.c. */
#include "verbs/ioas.h"
#include <errno.h>
#include <stdlib.h>

#include "context/ioas.h"
#include "resolve/why-memlock.h"
#include "verbs/finish.h"

static int run_ioas_alloc(struct call *call)
{
	uint32_t id;
	int rc = ioas_alloc(call->ctx, opt_value(call, OPT_NAME), &id);

	return finish_id(call, NO_ARGUMENT, IOMMUFD_OP_IOAS_ALLOC, rc, id);
}

struct ranges {
	struct iommufd_range *items;
	size_t count;
	uint64_t alignment;
};

static bool next_range(const void *arg, size_t *cursor, struct value *row)
{
	const struct ranges *ranges = arg;

	if (*cursor == ranges->count)
		return false;
	row[0].number = ranges->items[*cursor].start;
	row[1].number = ranges->items[*cursor].last;
	row[2].number = ranges->alignment;
	++*cursor;
	return true;
}

/* How many there are may change between two questions. 0, or -errno. */
static int read_ranges(int iommufd, uint32_t id, struct ranges *ret)
{
	size_t room = 64;
	int n;

	for (;; room = (size_t)n) {
		free(ret->items);
		ret->items = calloc(room, sizeof(*ret->items));
		if (!ret->items)
			return -ENOMEM;
		n = iommufd_ioas_ranges(iommufd, id, ret->items, room, &ret->alignment);
		if (n < 0)
			return n;
		ret->count = (size_t)n;
		if (ret->count <= room)
			return 0;
	}
}

static int run_ioas_ranges(struct call *call)
{
	static const struct column columns[] = {
		{ "start", "START", COLUMN_HEX }, { "last", "LAST", COLUMN_HEX },
		{ "alignment", "ALIGNMENT", COLUMN_NUMBER },
	};
	struct ranges ranges = { 0 };
	int rc = read_ranges(call->ctx->iommufd, arg_u32(call, 0), &ranges);

	rc = refused(call, 0, IOMMUFD_OP_IOAS_RANGES, rc) ?:
	     print_table(call->output, "ranges", ROWS(columns, next_range, &ranges));
	free(ranges.items);
	return rc;
}

static int run_ioas_allow(struct call *call)
{
	size_t n = (size_t)call->n_args - 1;
	struct iommufd_range *ranges = calloc(n + 1, sizeof(*ranges));
	int rc = EXIT_DONE;

	if (!ranges)
		return msg_fail_errno(call->output, NULL, ENOMEM);
	for (size_t i = 0; i < n && !rc; i++)
		rc = arg_range(call, (int)i + 1, &ranges[i]);
	rc = rc ?: finish(call, 0, IOMMUFD_OP_IOAS_ALLOW,
			  iommufd_ioas_allow(call->ctx->iommufd, arg_u32(call, 0), ranges, n));
	free(ranges);
	return rc;
}

/*
 * The kernel warns of a bug of its own where the process that was charged has ended, so it is not asked then,
 * nor where that is not known. Only in the mode "process" are there such.
 */
static int check_charged(const struct call *call)
{
	size_t orphans = context_count_state(call->ctx, MAPPING_ORPHANED);
	int iommufd = call->ctx->iommufd;
	uint64_t per_process = 0;

	iommufd_option_get(iommufd, IOMMUFD_RLIMIT_MODE, 0, &per_process);
	if (!per_process || iommufd_probe_op(iommufd, IOMMUFD_OP_IOAS_CHANGE_PROCESS) != 1)
		return EXIT_DONE;
	if (orphans) {
		msg_fail(call->output, NULL, "%zu mapping%s charged to a process that has ended (ESRCH)",
			 orphans, orphans == 1 ? " is" : "s are");
		msg_hint(call->output, "map anew what was mapped before the session's holder ended: "
			 "'" PROGRAM " show' lists it");
		return EXIT_FAILED;
	}
	if (!call->ctx->borrowed && !call->ctx->is_shared)
		return EXIT_DONE;
	msg_fail(call->output, NULL,
		 "other programs had the iommufd, and who of them is charged may have ended (ESRCH)");
	msg_hint(call->output,
		 "in the rlimit-mode 'user', set before all else, the charge can always be moved");
	return EXIT_FAILED;
}

static int run_ioas_change_process(struct call *call)
{
	int rc = check_charged(call);

	if (rc)
		return rc;
	rc = iommufd_ioas_change_process(call->ctx->iommufd);
	if (rc == -ENOMEM)
		return fail_pin(call, NULL, IOMMUFD_OP_IOAS_CHANGE_PROCESS, IOMMUFD_KIND_UNKNOWN,
				context_mapped_bytes(call->ctx));
	return finish(call, NO_ARGUMENT, IOMMUFD_OP_IOAS_CHANGE_PROCESS, rc);
}

const struct verb verb_ioas_alloc = {
	.name = "ioas alloc", .summary = "Allocate an I/O address space, print its id",
	.example = PROGRAM " ioas alloc --name guest",
	.options = OPTIONS(NAME_OPTION), .needs = NEEDS_IOMMUFD, .makes = true, .run = run_ioas_alloc,
};

const struct verb verb_ioas_ranges = {
	.name = "ioas ranges", .summary = "Print the usable IOVA ranges",
	.example = PROGRAM " ioas ranges guest",
	.args = { IOAS_ARGUMENT }, .needs = NEEDS_IOMMUFD, .run = run_ioas_ranges,
};

const struct verb verb_ioas_allow = {
	.name = "ioas allow", .summary = "Set the IOVA ranges that must stay usable",
	.example = PROGRAM " ioas allow guest 1M-0x1fffff",
	.details = "Replaces all of them; none: any device will do.",
	.args = { IOAS_ARGUMENT, { "START-LAST", ARG_RANGE, ARG_OPTIONAL | ARG_REPEATS } },
	.needs = NEEDS_IOMMUFD, .run = run_ioas_allow,
};

const struct verb verb_ioas_change_process = {
	.name = "ioas change-process", .summary = "Charge all pinned memory to this process",
	.example = PROGRAM " ioas change-process",
	.needs = NEEDS_IOMMUFD, .run = run_ioas_change_process,
};
