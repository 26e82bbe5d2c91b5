/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ioas map, unmap, copy: memory in an I/O address space. */
#include "verbs/map.h"
#include <errno.h>
#include <unistd.h>

#include "context/ioas.h"
#include "resolve/object.h"
#include "resolve/taker.h"
#include "resolve/why-map.h"
#include "resolve/why-memlock.h"
#include "verbs/finish.h"
#include "verbs/memory-table.h"
#include "verbs/pieces.h"

enum { OPT_PIECE = OPT_OWN };

/* IOMMUFD_MAP_* by --read, --write and --iova: without either of the first two it is both. */
static unsigned int map_flags(const struct call *call)
{
	bool read = opt_given(call, OPT_READ), write = opt_given(call, OPT_WRITE);

	return (read || !write ? IOMMUFD_MAP_READ : 0) | (write || !read ? IOMMUFD_MAP_WRITE : 0) |
	       (opt_given(call, OPT_IOVA) ? IOMMUFD_MAP_FIXED : 0);
}

/* ---- map ---- */

/* What is asked of ioas map. map->memory is there already. */
static void fill_map(const struct call *call, struct mapping *map)
{
	const struct memory *memory = map->memory;

	map->flags = map_flags(call);
	map->iova = opt_number(call, OPT_IOVA, 0);
	map->offset = opt_number(call, OPT_OFFSET, 0);
	map->length = opt_number(call, OPT_LENGTH, 0);
	if (!opt_given(call, OPT_LENGTH) && map->offset <= memory->size)
		map->length = memory->size - map->offset;
}

/* Sorted out before anything is done. */
static int check_map(const struct call *call, const struct mapping *map)
{
	const struct memory *memory = map->memory;
	int rc = need_object_fd(call, call->args[1], &memory->object);

	if (rc)
		return rc;
	if (map->offset > memory->size || map->length > memory->size - map->offset)
		return fail_beyond(call, 1, memory);
	if (!map->length)
		return msg_fail(call->output, call->args[1], "the length is 0 (EINVAL)");
	if (map->flags & IOMMUFD_MAP_WRITE && !memory_is_writable(memory)) {
		msg_fail(call->output, call->args[1], "the memory is read-only (EACCES)");
		msg_hint(call->output, "map it with --read");
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

/* In how many bytes at a time: what is mapped as one can be unmapped as one only. */
static int parse_chunk(const struct call *call, const struct mapping *map, uint64_t *ret)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	*ret = opt_number(call, OPT_PIECE, map->length);
	if (!opt_given(call, OPT_PIECE))
		return EXIT_DONE;
	if (!*ret || *ret % page)
		return msg_usage(call->output, "--piece: '%s' is no multiple of the page size, %" PRIu64,
				 opt_value(call, OPT_PIECE), page);
	if (!(map->flags & IOMMUFD_MAP_FIXED))
		return msg_usage(call->output, "--piece needs --iova: the kernel would choose one for each piece");
	if (map->length - 1 > UINT64_MAX - map->iova)
		return msg_usage(call->output, "the range runs past the end of the address space");
	return EXIT_DONE;
}

/* Is it an IOAS? Where this context does not know, and where ENOENT may mean this or something in it. */
static int is_ioas(const struct call *call, uint32_t id)
{
	uint64_t value;

	return iommufd_option_get(call->ctx->iommufd, IOMMUFD_HUGE_PAGES, id, &value);
}

static int ask_ioas(const struct call *call, uint32_t id)
{
	return refused(call, 0, IOMMUFD_OP_OPTION_GET, is_ioas(call, id));
}

/* One that an inherited iommufd had before is made known, to remember its mappings. */
static int need_known_ioas(const struct call *call, uint32_t id, struct ioas **ret)
{
	int rc;

	*ret = ioas_by_id(call->ctx, id);
	if (*ret)
		return EXIT_DONE;
	rc = ask_ioas(call, id);
	if (rc)
		return rc;
	rc = ioas_adopt(call->ctx, id, ret);
	return rc < 0 ? msg_fail_errno(call->output, call->args[0], rc) : EXIT_DONE;
}

/* Is a failure to map about where, and not about what? A file system that is full says ENOSPC, too. */
static bool is_about_range(const struct call *call, int error)
{
	return error == -ENOENT || error == -EINVAL || error == -EEXIST || error == -EOVERFLOW ||
	       (error == -ENOSPC && !opt_given(call, OPT_IOVA));
}

/* Where a place was chosen, by facts that decide which of an errno's reasons it was. */
static int fail_by_kernel(const struct call *call, const struct mapping *map, enum iommufd_op op, int error)
{
	const struct placement place = { arg_u32(call, 0), map->iova, map->length, map->offset };

	if (error == -ENOMEM)
		return fail_pin(call, call->args[1], op, IOMMUFD_KIND_UNKNOWN, map->length);
	if (is_about_range(call, error) && map->flags & IOMMUFD_MAP_FIXED)
		return fail_placement(call, call->args[0], &place, op, error);
	return msg_fail_op(call->output, call->args[is_about_range(call, error) ? 0 : 1], op, error,
			   IOMMUFD_KIND_UNKNOWN);
}

static int fail_map(const struct call *call, const struct mapping *map, const struct map_result *result,
		    int error)
{
	int rc = result->op == OP_LOCAL ? msg_fail_errno(call->output, call->args[1], error)
					: fail_by_kernel(call, map, (enum iommufd_op)result->op, error);

	if (result->op == IOMMUFD_OP_IOAS_MAP_FILE && error == -ENOTTY && call->ctx->borrowed)
		msg_hint(call->output,
			 "map in a context that this tool holds: an iommufd must not outlive the process whose "
			 "memory it maps");
	if (result->left)
		msg_note(call->output, "the first %" PRIu64 " bytes are left mapped", result->left);
	return rc;
}

static int map_memory(struct call *call, struct mapping *map)
{
	struct ioas *ioas;
	uint64_t chunk, iova;
	int rc;

	fill_map(call, map);
	rc = check_map(call, map) ?: parse_chunk(call, map, &chunk) ?:
	     need_known_ioas(call, arg_u32(call, 0), &ioas) ?:
	     map_pieces(call, arg_u32(call, 0), map, chunk, fail_map, &iova);

	return rc ?: print_hex(call->output, "iova", iova);
}

/* Memory of an fd goes with its last mapping: not before we are done. */
static int end_map(struct call *call, struct memory *memory, int rc)
{
	if (rc == EXIT_PAUSED)
		call->request->progress->held = memory;
	else
		memory_release(call->ctx, memory);
	return rc;
}

static int run_ioas_map(struct call *call)
{
	struct mapping map = { .memory = arg_memory(call, 1) };

	map.memory->mappings++;
	return end_map(call, map.memory, map_memory(call, &map));
}

/* Behind a pause: the words were good before, and the memory is the same; but its seals may be others. */
static int go_on_mapping(struct call *call)
{
	struct progress *at = call->request->progress;
	struct mapping map = { .memory = at->held };
	uint64_t chunk, iova;
	int rc;

	fill_map(call, &map);
	at->code = at->code ?: check_map(call, &map);
	rc = parse_chunk(call, &map, &chunk) ?: map_pieces(call, at->id, &map, chunk, fail_map, &iova);
	return end_map(call, map.memory, rc ?: print_hex(call->output, "iova", iova));
}

/* ---- unmap ---- */

/* What lies between: all of it, LENGTH bytes, or the one mapping that the context knows there. */
static int parse_unmap(const struct call *call, uint32_t id, uint64_t *iova, uint64_t *length)
{
	const struct ioas *ioas = ioas_by_id(call->ctx, id);
	const struct mapping *known;

	*iova = call->n_args > 1 ? arg_value(call, 1) : 0;
	*length = call->n_args > 2 ? arg_value(call, 2) : UINT64_MAX;
	if (opt_given(call, OPT_ALL) && call->n_args > 1)
		return msg_usage(call->output, "surplus argument '%s': --all is all", call->args[1]);
	if (opt_given(call, OPT_ALL) || call->n_args > 2)
		return EXIT_DONE;
	if (call->n_args < 2)
		return msg_usage(call->output, "an argument is missing: expected IOAS [IOVA [LENGTH]], or --all");
	known = ioas ? ioas_mapping(ioas, *iova) : NULL;
	if (!known || known->iova != *iova) {
		msg_fail(call->output, call->args[1], "this context knows no mapping that begins there");
		msg_hint(call->output, "name the LENGTH as well, or see '" PROGRAM " show'");
		return EXIT_FAILED;
	}
	*length = known->length;
	return EXIT_DONE;
}

/* What is mapped there may be what a program works in that was handed a device, or the iommufd. */
static int check_users(const struct call *call, uint32_t id)
{
	const struct taker *taker = taker_on(call->ctx, id), *stranger = NULL;

	if (!taker && !object_by_id(call->ctx, id))
		stranger = taker_of(call->ctx, IOMMUFD_WORD);
	if (opt_given(call, OPT_FORCE) || (!taker && !stranger))
		return EXIT_DONE;
	if (taker)
		msg_fail(call->output, call->args[0], "%s, which was %s, works in it (EBUSY)",
			 taker_device(taker), taker_text(taker).text);
	else
		msg_fail(call->output, call->args[0], "it is not this session's; the iommufd was %s (EBUSY)",
			 taker_text(stranger).text);
	hint_force(call);
	return EXIT_FAILED;
}

static int unmap_range(struct call *call, uint32_t id, uint64_t iova, uint64_t length)
{
	uint64_t done = 0;
	int error, rc = unmap_pieces(call, id, iova, length, &done, &error);

	if (rc)
		return rc;
	/* Kernels differ on a range with nothing in it: some report success and 0 bytes. */
	if (error == 0 && !done && !opt_given(call, OPT_ALL))
		error = -ENOENT;
	if (error == -ENOENT && !ioas_by_id(call->ctx, id) && ask_ioas(call, id) != EXIT_DONE)
		return EXIT_FAILED;
	if (error == 0)
		return call->output->json ? print_number(call->output, "length", done) : EXIT_DONE;
	rc = refused(call, 0, IOMMUFD_OP_IOAS_UNMAP, error);
	if (done)
		msg_note(call->output, "the first %" PRIu64 " bytes are unmapped", done);
	return rc;
}

static int run_ioas_unmap(struct call *call)
{
	uint64_t iova, length;
	uint32_t id = arg_u32(call, 0);

	return parse_unmap(call, id, &iova, &length) ?: check_users(call, id) ?:
	       unmap_range(call, id, iova, length);
}

/* Behind a pause: only what was named by its length, or all of it, has parts. */
static int go_on_unmapping(struct call *call)
{
	uint64_t iova = call->n_args > 1 ? arg_value(call, 1) : 0;

	return unmap_range(call, call->request->progress->id, iova,
			   call->n_args > 2 ? arg_value(call, 2) : UINT64_MAX);
}

/* ---- copy ---- */

/* Is a failure about what is to be copied? The kernel looks at that first. */
static bool is_about_source(const struct call *call, const struct copy *copy, int error)
{
	switch (error) {
	case -ENOENT:
		return is_ioas(call, copy->to) == 0;
	case -EINVAL:
		return !copy->length;
	case -EOVERFLOW:
		return copy->length - 1 > UINT64_MAX - copy->start;
	case -EPERM:
	case -EFAULT:
		return true;
	default:
		return false;
	}
}

static int fail_copy(const struct call *call, const struct copy *copy, int op, int error)
{
	const struct placement place = { copy->to, copy->iova, copy->length, 0 };

	if (op == OP_LOCAL)
		return msg_fail_errno(call->output, call->args[0], error);
	if (is_about_source(call, copy, error))
		return msg_fail_op(call->output, call->args[1], (enum iommufd_op)op, error,
				   IOMMUFD_KIND_UNKNOWN);
	if (error == -ENOMEM)
		return fail_pin(call, call->args[0], (enum iommufd_op)op, IOMMUFD_KIND_UNKNOWN, copy->length);
	if (copy->flags & IOMMUFD_MAP_FIXED)
		return fail_placement(call, call->args[0], &place, (enum iommufd_op)op, error);
	return msg_fail_op(call->output, call->args[0], (enum iommufd_op)op, error, IOMMUFD_KIND_UNKNOWN);
}

static int run_ioas_copy(struct call *call)
{
	struct copy copy = {
		.to = arg_u32(call, 0), .from = arg_u32(call, 1),
		.start = arg_value(call, 2), .length = arg_value(call, 3),
		.flags = map_flags(call), .iova = opt_number(call, OPT_IOVA, 0),
	};
	int op, rc = ioas_copy(call->ctx, &copy, &op);

	return rc < 0 ? fail_copy(call, &copy, op, rc) : print_hex(call->output, "iova", copy.iova);
}

/* ---- rows ---- */

#define IOVA_OPTION { "iova", OPT_IOVA, { "ADDRESS", ARG_SIZE }, "Map there (default: the kernel chooses)" }
#define READ_OPTION { "read", OPT_READ, .help = "Devices may read (default: read and write)" }
#define WRITE_OPTION { "write", OPT_WRITE, .help = "Devices may write" }

const struct verb verb_ioas_map = {
	.name = "ioas map", .summary = "Map memory, print its IOVA",
	.example = PROGRAM " ioas map guest ram --iova 1M",
	.args = { IOAS_ARGUMENT, { "MEM", ARG_MEMORY } },
	.options = OPTIONS(IOVA_OPTION,
		{ "offset", OPT_OFFSET, { "BYTES", ARG_SIZE }, "Begin here in the memory (default: 0)" },
		{ "length", OPT_LENGTH, { "BYTES", ARG_SIZE }, "Map so much (default: to its end)" },
		{ "piece", OPT_PIECE, { "BYTES", ARG_SIZE }, "In pieces that can be unmapped one by one" },
		READ_OPTION, WRITE_OPTION),
	.needs = NEEDS_IOMMUFD, .makes = true, .run = run_ioas_map, .go_on = go_on_mapping,
};

const struct verb verb_ioas_unmap = {
	.name = "ioas unmap", .summary = "Unmap whole mappings",
	.example = PROGRAM " ioas unmap guest 1M",
	.details = "Without LENGTH: the one mapping that begins at IOVA.",
	.args = { IOAS_ARGUMENT, { "IOVA", ARG_SIZE, ARG_OPTIONAL }, { "LENGTH", ARG_SIZE, ARG_OPTIONAL } },
	.options = OPTIONS({ "all", OPT_ALL, .help = "Everything that is mapped" },
		{ "force", OPT_FORCE, .help = "Also under the device of a program" }),
	.needs = NEEDS_IOMMUFD, .run = run_ioas_unmap, .go_on = go_on_unmapping,
};

const struct verb verb_ioas_copy = {
	.name = "ioas copy", .summary = "Map what is mapped elsewhere, print its IOVA",
	.example = PROGRAM " ioas copy other guest 1M 64K",
	.details = "IOVA and LENGTH: what of the IOAS SOURCE.",
	.args = {
		IOAS_ARGUMENT, { "SOURCE", ARG_ID, .types = TYPE(IOAS) },
		{ "IOVA", ARG_SIZE }, { "LENGTH", ARG_SIZE },
	},
	.options = OPTIONS(IOVA_OPTION, READ_OPTION, WRITE_OPTION),
	.needs = NEEDS_IOMMUFD, .makes = true, .run = run_ioas_copy,
};
