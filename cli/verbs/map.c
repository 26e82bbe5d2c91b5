/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ioas alloc, map, unmap; and where memory is mapped, which the kernel does not tell. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context.h"
#include "journal.h"
#include "options.h"
#include "table.h"
#include "verbs.h"

static const struct column iova_column = { "iova", "IOVA", COLUMN_HEX };
static const struct column length_column = { "length", "LENGTH", COLUMN_NUMBER };

int need_ioas(const struct call *call, const char *word, uint32_t *ret)
{
	int rc = need_id(call, word, 1U << OBJECT_IOAS, ret);

	return rc == EXIT_DONE ? context_open(call) : rc;
}

/* A lone command has no later one to remember it for, and the first malloc() costs three system calls. */
static int alloc_alone(const struct call *call)
{
	uint32_t id;
	int rc = iommufd_ioas_alloc(call->ctx->iommufd, &id);

	return rc < 0 ? msg_fail_op(call->output, NULL, IOMMUFD_OP_IOAS_ALLOC, rc, IOMMUFD_KIND_UNKNOWN)
		      : print_id(call->output, id);
}

int verb_ioas_alloc(struct call *call)
{
	const char *name = option(call, OPT_NAME);
	struct ioas *ioas;
	int rc = check_new_name(call, name);

	if (rc != EXIT_DONE || (rc = context_open(call)) != EXIT_DONE)
		return rc;
	if (call->ctx->kind != CONTEXT_LASTING)
		return alloc_alone(call);
	ioas = calloc(1, sizeof(*ioas));
	if (!ioas)
		return msg_fail_errno(call->output, NULL, ENOMEM);
	ioas->object.type = OBJECT_IOAS;
	journal_begin(call->ctx, 0);
	rc = iommufd_ioas_alloc(call->ctx->iommufd, &ioas->object.id);
	if (rc < 0) {
		free(ioas);
		return msg_fail_op(call->output, NULL, IOMMUFD_OP_IOAS_ALLOC, rc, IOMMUFD_KIND_UNKNOWN);
	}
	if (object_add(call->ctx, &ioas->object, name) < 0) {
		iommufd_destroy(call->ctx->iommufd, ioas->object.id);
		free(ioas);
		return msg_fail_errno(call->output, NULL, ENOMEM);
	}
	journal_object(call->ctx, &ioas->object);
	return print_id(call->output, ioas->object.id);
}

void ioas_drop(struct context *ctx, struct ioas *ioas)
{
	journal_gone(ctx, &ioas->object);
	for (size_t i = 0; i < ioas->mappings.count; i++)
		memory_release(ctx, mapping_at(&ioas->mappings, i)->memory);
	object_remove(ctx, &ioas->object);
	free(ioas->mappings.items);
	free(ioas);
}

const struct mapping *ioas_mapping(const struct ioas *ioas, uint64_t iova)
{
	size_t at = mappings_index(&ioas->mappings, iova);
	const struct mapping *mapping;

	if (at < ioas->mappings.count && mapping_at(&ioas->mappings, at)->iova == iova)
		return mapping_at(&ioas->mappings, at);
	mapping = at ? mapping_at(&ioas->mappings, at - 1) : NULL;
	return mapping && iova - mapping->iova < mapping->length ? mapping : NULL;
}

int ioas_remember(struct ioas *ioas, const struct mapping *mapping)
{
	if (mappings_reserve(&ioas->mappings, 1) < 0)
		return -ENOMEM;
	mappings_insert(&ioas->mappings, mapping);
	mapping->memory->mappings++;
	return 0;
}

void ioas_forget(struct context *ctx, struct ioas *ioas, uint64_t iova, uint64_t length)
{
	struct mappings *mappings = &ioas->mappings;
	size_t first = mappings_index(mappings, iova), last = first;

	journal_unmap(ctx, ioas->object.id, iova, length);
	for (; last < mappings->count && mapping_at(mappings, last)->iova - iova < length; last++)
		memory_release(ctx, mapping_at(mappings, last)->memory);
	mappings_remove(mappings, first, last);
}

unsigned int access_flags(const struct call *call)
{
	bool read = option(call, OPT_READ), write = option(call, OPT_WRITE);

	return (read || !write ? IOMMUFD_MAP_READ : 0) | (write || !read ? IOMMUFD_MAP_WRITE : 0);
}

/* What is asked of ioas map, sorted out before anything is done. */
static int parse_map(const struct call *call, struct mapping *map)
{
	const char *iova = option(call, OPT_IOVA), *offset = option(call, OPT_OFFSET);
	const char *length = option(call, OPT_LENGTH);
	const struct memory *memory = map->memory;
	int rc = EXIT_DONE;

	map->flags = access_flags(call) | (iova ? IOMMUFD_MAP_FIXED : 0);
	if (iova)
		rc = need_size(call, "--iova", iova, &map->iova);
	if (rc == EXIT_DONE && offset)
		rc = need_size(call, "--offset", offset, &map->offset);
	if (rc == EXIT_DONE && length)
		rc = need_size(call, "--length", length, &map->length);
	if (rc != EXIT_DONE)
		return rc;
	if (!length && map->offset <= memory->size)
		map->length = memory->size - map->offset;
	if (map->offset > memory->size || map->length > memory->size - map->offset)
		return msg_fail(call->output, call->args[1],
				"the range ends beyond the memory's %llu bytes (EINVAL)",
			    (unsigned long long)memory->size);
	if (!map->length)
		return msg_fail(call->output, call->args[1], "the length is 0 (EINVAL)");
	if (map->flags & IOMMUFD_MAP_WRITE && !memory_is_writable(memory)) {
		msg_fail(call->output, call->args[1], "the memory is read-only (EACCES)");
		msg_hint(call->output, "map it with --read");
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

/* Before Linux 6.13: the memory must be part of this process, and stay so as long as it is mapped. */
static int map_here(const struct call *call, uint32_t ioas, struct mapping *map)
{
	char *at;
	int rc;

	if (call->ctx->borrowed) {
		msg_fail_op(call->output, call->args[1], IOMMUFD_OP_IOAS_MAP_FILE, ENOTTY,
			    IOMMUFD_KIND_UNKNOWN);
		msg_hint(call->output,
			 "map in a context that this tool holds: an iommufd must not outlive the process whose "
			   "memory it maps");
		return EXIT_UNSUPPORTED;
	}
	at = memory_map(map->memory);
	if (!at)
		return msg_fail_errno(call->output, call->args[1], errno);
	rc = iommufd_ioas_map(call->ctx->iommufd, ioas, map->flags, at + map->offset, map->length,
			      &map->iova);
	return rc < 0 ? msg_fail_op(call->output, call->args[1], IOMMUFD_OP_IOAS_MAP, rc,
				    IOMMUFD_KIND_UNKNOWN)
		      : EXIT_DONE;
}

static int map_memory(const struct call *call, uint32_t ioas, struct mapping *map)
{
	struct context *ctx = call->ctx;
	int rc;

	if (!ctx->no_map_file) {
		rc = iommufd_ioas_map_file(ctx->iommufd, ioas, map->flags, map->memory->fd, map->offset,
					   map->length, &map->iova);
		if (rc == 0)
			return EXIT_DONE;
		if (rc != -ENOTTY)
			return msg_fail_op(call->output, call->args[1], IOMMUFD_OP_IOAS_MAP_FILE, rc,
				       IOMMUFD_KIND_UNKNOWN);
		ctx->no_map_file = true;
	}
	return map_here(call, ioas, map);
}

/* Is it an IOAS? Where this context does not know, and where ENOENT may mean this or something in it. */
static int ask_ioas(const struct call *call, uint32_t id)
{
	uint64_t value;
	int rc = iommufd_option_get(call->ctx->iommufd, IOMMUFD_HUGE_PAGES, id, &value);

	return rc < 0 ? msg_fail_op(call->output, call->args[0], IOMMUFD_OP_OPTION_GET, rc,
				    IOMMUFD_KIND_UNKNOWN)
		      : EXIT_DONE;
}

/* An IOAS that an inherited iommufd had before: made known, to remember its mappings. */
static int adopt_ioas(const struct call *call, uint32_t id, struct ioas **ret)
{
	struct context *ctx = call->ctx;
	struct ioas *ioas;
	int rc = ask_ioas(call, id);

	if (rc != EXIT_DONE)
		return rc;
	ioas = calloc(1, sizeof(*ioas));
	if (ioas)
		*ioas = (struct ioas){ .object = { .type = OBJECT_IOAS, .id = id }, .adopted = true };
	if (!ioas || object_add(ctx, &ioas->object, NULL) < 0) {
		free(ioas);
		return msg_fail_errno(call->output, call->args[0], ENOMEM);
	}
	journal_object(ctx, &ioas->object);
	*ret = ioas;
	return EXIT_DONE;
}

/* In how many bytes at a time: what is mapped as one can be unmapped as one only. */
static int parse_piece(const struct call *call, const struct mapping *map, uint64_t *piece)
{
	const char *word = option(call, OPT_PIECE);
	uint64_t page;
	int rc;

	*piece = map->length;
	if (!word)
		return EXIT_DONE;
	page = (uint64_t)sysconf(_SC_PAGESIZE);
	rc = need_size(call, "--piece", word, piece);
	if (rc == EXIT_DONE && (!*piece || *piece % page))
		rc = msg_usage(call->output, "--piece: '%s' is no multiple of the page size, %llu", word,
			       (unsigned long long)page);
	if (rc == EXIT_DONE && !(map->flags & IOMMUFD_MAP_FIXED))
		rc = msg_usage(call->output,
			       "--piece needs --iova: the kernel would choose one for each piece");
	if (rc == EXIT_DONE && map->length - 1 > UINT64_MAX - map->iova)
		rc = msg_usage(call->output, "the range runs past the end of the address space");
	return rc;
}

/* What is mapped of it already is unmapped again. */
static void unmap_done(const struct call *call, struct ioas *ioas, const struct mapping *map, uint64_t done)
{
	if (!done)
		return;
	if (iommufd_ioas_unmap(call->ctx->iommufd, ioas->object.id, map->iova, done, NULL) == 0)
		ioas_forget(call->ctx, ioas, map->iova, done);
	else
		msg_note(call->output, "the first %llu bytes are left mapped", (unsigned long long)done);
}

/* map's iova is where the first one came to be. */
static int map_pieces(const struct call *call, struct ioas *ioas, struct mapping *map, uint64_t piece)
{
	struct mapping part = *map;
	int rc = EXIT_DONE;

	for (uint64_t done = 0; done < map->length; done += part.length) {
		part.iova = map->iova + done;
		part.offset = map->offset + done;
		part.length = map->length - done < piece ? map->length - done : piece;
		rc = map_memory(call, ioas->object.id, &part);
		if (rc != EXIT_DONE) {
			unmap_done(call, ioas, map, done);
			break;
		}
		if (!done)
			map->iova = part.iova;
		ioas_remember(ioas, &part);
		journal_map(call->ctx, ioas, &part);
	}
	return rc;
}

static int map_into(const struct call *call, uint32_t id, struct mapping *map)
{
	struct ioas *ioas = find_ioas(call->ctx, id);
	uint64_t piece, n = 1;
	int rc = parse_map(call, map);

	if (rc == EXIT_DONE)
		rc = parse_piece(call, map, &piece);
	if (rc == EXIT_DONE && !ioas)
		rc = adopt_ioas(call, id, &ioas);
	if (rc != EXIT_DONE)
		return rc;
	if (piece < map->length)
		n = (map->length - 1) / piece + 1;
	/* Room is taken before the kernel maps, so that nothing has to be taken back. */
	if (mappings_reserve(&ioas->mappings, n) < 0)
		return msg_fail_errno(call->output, call->args[0], ENOMEM);
	journal_begin(call->ctx, id);
	rc = map_pieces(call, ioas, map, piece);
	return rc == EXIT_DONE ? print_value(call->output, &iova_column,
					     (struct value){ .number = map->iova }) : rc;
}

int verb_ioas_map(struct call *call)
{
	struct mapping map = { 0 };
	uint32_t id;
	int rc = need_ioas(call, call->args[0], &id);

	if (rc != EXIT_DONE || (rc = need_memory(call, call->args[1], &map.memory)) != EXIT_DONE)
		return rc;
	map.memory->mappings++; /* that of an fd goes with its last mapping: not before we are done */
	rc = map_into(call, id, &map);
	memory_release(call->ctx, map.memory);
	return rc;
}

/* What lies between: all of it, LENGTH bytes, or the one mapping that the context knows there. */
static int parse_unmap(const struct call *call, uint32_t id, uint64_t *iova, uint64_t *length)
{
	const struct ioas *ioas = find_ioas(call->ctx, id);
	const struct mapping *known;
	int rc;

	*iova = 0;
	*length = UINT64_MAX;
	if (option(call, OPT_ALL))
		return call->n_args == 1 ? EXIT_DONE : msg_usage(call->output,
								 "surplus argument '%s': --all is all", call->args[1]);
	if (call->n_args < 2)
		return msg_usage(call->output, "an argument is missing: expected %s, or --all",
				 call->verb->args);
	rc = need_size(call, "IOVA", call->args[1], iova);
	if (rc != EXIT_DONE || call->n_args > 2)
		return rc == EXIT_DONE ? need_size(call, "LENGTH", call->args[2], length) : rc;
	known = ioas ? ioas_mapping(ioas, *iova) : NULL;
	if (!known || known->iova != *iova) {
		msg_fail(call->output, call->args[1], "this context knows no mapping that begins there");
		msg_hint(call->output, "name the LENGTH as well, or see '" PROGRAM " show'");
		return EXIT_FAILED;
	}
	*length = known->length;
	return EXIT_DONE;
}

int verb_ioas_unmap(struct call *call)
{
	uint64_t iova, length, done;
	struct ioas *ioas;
	uint32_t id;
	int rc = need_ioas(call, call->args[0], &id);

	if (rc != EXIT_DONE || (rc = parse_unmap(call, id, &iova, &length)) != EXIT_DONE)
		return rc;
	journal_begin(call->ctx, id);
	rc = iommufd_ioas_unmap(call->ctx->iommufd, id, iova, length, &done);
	/* Kernels differ on a range with nothing in it: some report success and 0 bytes. */
	if (rc == 0 && !done && !option(call, OPT_ALL))
		rc = -ENOENT;
	ioas = find_ioas(call->ctx, id);
	if (rc == -ENOENT && !ioas && ask_ioas(call, id) != EXIT_DONE)
		return EXIT_FAILED;
	if (rc < 0)
		return msg_fail_op(call->output, call->args[0], IOMMUFD_OP_IOAS_UNMAP, rc,
				   IOMMUFD_KIND_UNKNOWN);
	if (ioas)
		ioas_forget(call->ctx, ioas, iova, length);
	return call->output->json ? print_value(call->output, &length_column,
						(struct value){ .number = done }) : EXIT_DONE;
}
