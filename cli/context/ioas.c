/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "context/ioas.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "context/memory.h"
#include "context/observer.h"

struct ioas *ioas_add(struct context *ctx, uint32_t id, const char *name, bool adopted)
{
	struct ioas *ioas = calloc(1, sizeof(*ioas));

	if (!ioas)
		return NULL;
	*ioas = (struct ioas){ .object = { .type = OBJECT_IOAS, .id = id }, .serial = ++ctx->n_ioases,
			       .adopted = adopted };
	if (object_add(ctx, &ioas->object, name) < 0) {
		free(ioas);
		return NULL;
	}
	observe_changed(ctx, &ioas->object);
	return ioas;
}

int ioas_alloc(struct context *ctx, const char *name, uint32_t *ret)
{
	int rc;

	observe_begin(ctx, 0);
	rc = iommufd_ioas_alloc(ctx->iommufd, ret);
	/* A lone command has no later one to remember it for. */
	if (rc < 0 || ctx->kind != CONTEXT_LASTING || ioas_add(ctx, *ret, name, false))
		return rc;
	iommufd_destroy(ctx->iommufd, *ret);
	return -ENOMEM;
}

int ioas_adopt(struct context *ctx, uint32_t id, struct ioas **ret)
{
	*ret = ioas_add(ctx, id, NULL, true);
	return *ret ? 0 : -ENOMEM;
}

void ioas_drop(struct context *ctx, struct ioas *ioas)
{
	observe_gone(ctx, &ioas->object);
	for (size_t i = 0; i < ioas->mappings.count; i++)
		memory_release(ctx, mapping_at(&ioas->mappings, i)->memory);
	object_remove(ctx, &ioas->object);
	free(ioas->mappings.items);
	free(ioas);
}

struct ioas *ioas_next(const struct context *ctx, size_t *cursor)
{
	struct ioas *ioas = NULL;

	while (!ioas && *cursor < ctx->ids.count)
		ioas = ioas_by_id(ctx, (uint32_t)(*cursor)++);
	return ioas;
}

uint64_t ioas_mapped_bytes(const struct ioas *ioas)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < ioas->mappings.count; i++)
		bytes += mapping_at(&ioas->mappings, i)->length;
	return bytes;
}

uint64_t context_mapped_bytes(const struct context *ctx)
{
	const struct ioas *ioas;
	uint64_t bytes = 0;
	size_t cursor = 0;

	while ((ioas = ioas_next(ctx, &cursor)))
		bytes += ioas_mapped_bytes(ioas);
	return bytes;
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

	observe_unmapped(ctx, ioas->object.id, iova, length);
	for (; last < mappings->count && mapping_at(mappings, last)->iova - iova < length; last++)
		memory_release(ctx, mapping_at(mappings, last)->memory);
	mappings_remove(mappings, first, last);
}

/* Before Linux 6.13: the memory must be part of this process, and stay so as long as it is mapped. */
static int map_own_memory(struct context *ctx, uint32_t ioas, struct mapping *mapping, int *ret_op)
{
	char *at;

	*ret_op = IOMMUFD_OP_IOAS_MAP_FILE;
	if (ctx->borrowed)
		return -ENOTTY;
	*ret_op = OP_LOCAL;
	at = memory_map(mapping->memory);
	if (!at)
		return -errno;
	*ret_op = IOMMUFD_OP_IOAS_MAP;
	return iommufd_ioas_map(ctx->iommufd, ioas, mapping->flags, at + mapping->offset, mapping->length,
				&mapping->iova);
}

int ioas_map_kernel(struct context *ctx, uint32_t ioas, struct mapping *mapping, int *ret_op)
{
	int rc = -ENOTTY;

	*ret_op = IOMMUFD_OP_IOAS_MAP_FILE;
	if (!ctx->no_map_file)
		rc = iommufd_ioas_map_file(ctx->iommufd, ioas, mapping->flags, mapping->memory->fd,
					   mapping->offset, mapping->length, &mapping->iova);
	if (rc != -ENOTTY)
		return rc;
	ctx->no_map_file = true;
	return map_own_memory(ctx, ioas, mapping, ret_op);
}

/*
 * The kernel unmaps whole mappings from the lowest up, and fails when it comes to one that is not: what lies
 * below that is gone then.
 */
bool ioas_is_cut(const struct ioas *ioas, uint64_t iova, uint64_t length)
{
	uint64_t last = iova + (length - 1);
	const struct mapping *low = ioas_mapping(ioas, iova), *high = ioas_mapping(ioas, last);

	if (!length || last < iova || (!iova && length == UINT64_MAX)) /* the kernel's to refuse, or all */
		return false;
	return (low && low->iova != iova) || (high && mapping_last(high) != last);
}

int ioas_unmap(struct context *ctx, uint32_t id, uint64_t iova, uint64_t length, uint64_t *ret_done)
{
	struct ioas *ioas = ioas_by_id(ctx, id);
	int rc;

	if (ioas && ioas_is_cut(ioas, iova, length))
		return -ENOENT;
	observe_begin(ctx, id);
	rc = iommufd_ioas_unmap(ctx->iommufd, id, iova, length, ret_done);
	if (rc == 0 && ioas)
		ioas_forget(ctx, ioas, iova, length);
	return rc;
}

static int map_chunks(struct context *ctx, struct ioas *ioas, const struct mapping *what, uint64_t chunk,
		      struct map_result *ret)
{
	struct mapping part = *what;
	int rc;

	ret->iova = what->iova;
	part.state = ctx->charges_process ? MAPPING_CHARGED : 0;
	for (uint64_t done = 0; done < what->length; done += part.length) {
		part.iova = ret->iova + done;
		part.offset = what->offset + done;
		part.length = what->length - done < chunk ? what->length - done : chunk;
		rc = ioas_map_kernel(ctx, ioas->object.id, &part, &ret->op);
		if (rc < 0) {
			if (done && ioas_unmap(ctx, ioas->object.id, ret->iova, done, NULL) < 0)
				ret->left = done;
			return rc;
		}
		if (!done)
			ret->iova = part.iova;
		ioas_remember(ioas, &part);
		observe_mapped(ctx, ioas, &part);
	}
	return 0;
}

int ioas_map(struct context *ctx, struct ioas *ioas, const struct mapping *what, uint64_t chunk,
	     struct map_result *ret)
{
	uint64_t n = chunk < what->length ? (what->length - 1) / chunk + 1 : 1;

	*ret = (struct map_result){ .op = OP_LOCAL };
	/* Room is taken before the kernel maps, so that nothing has to be taken back. */
	if (mappings_reserve(&ioas->mappings, n) < 0)
		return -ENOMEM;
	observe_begin(ctx, ioas->object.id);
	return map_chunks(ctx, ioas, what, chunk, ret);
}

static void orphan_in(struct ioas *ioas)
{
	for (size_t i = 0; i < ioas->mappings.count; i++) {
		struct mapping *mapping = mapping_to_change(&ioas->mappings, i);

		if (mapping->state & MAPPING_CHARGED)
			mapping->state ^= MAPPING_CHARGED | MAPPING_ORPHANED;
	}
}

size_t context_count_state(const struct context *ctx, unsigned int state)
{
	const struct ioas *ioas;
	size_t cursor = 0, n = 0;

	while ((ioas = ioas_next(ctx, &cursor)))
		for (size_t i = 0; i < ioas->mappings.count; i++)
			n += (mapping_at(&ioas->mappings, i)->state & state) != 0;
	return n;
}

void context_orphan(struct context *ctx)
{
	struct ioas *ioas;
	size_t cursor = 0;

	while ((ioas = ioas_next(ctx, &cursor)))
		orphan_in(ioas);
}

static size_t revoke_in(struct ioas *ioas, const char *cdev)
{
	size_t n = 0;

	for (size_t i = 0; i < ioas->mappings.count; i++) {
		struct mapping *mapping = mapping_to_change(&ioas->mappings, i);

		if (mapping->state & MAPPING_REVOKED || strcmp(mapping->memory->bar_of, cdev) != 0)
			continue;
		mapping->state |= MAPPING_REVOKED;
		n++;
	}
	return n;
}

size_t context_revoke(struct context *ctx, const char *cdev)
{
	struct ioas *ioas;
	size_t cursor = 0, n = 0;

	while ((ioas = ioas_next(ctx, &cursor)))
		n += revoke_in(ioas, cdev);
	if (n)
		observe_revoked(ctx, cdev);
	return n;
}

/* The kernel makes a mapping of its own of each piece. What is not known here cannot be remembered. */
static int remember_copy(struct context *ctx, const struct copy *copy)
{
	const struct ioas *from = ioas_by_id(ctx, copy->from);
	struct ioas *to = ioas_by_id(ctx, copy->to);

	for (uint64_t done = 0; from && to && done < copy->length;) {
		const struct mapping *known = ioas_mapping(from, copy->start + done);
		struct mapping piece;
		uint64_t skipped;

		if (!known)
			break;
		skipped = copy->start + done - known->iova;
		piece = *known;
		piece.iova = copy->iova + done;
		piece.offset += skipped;
		piece.length -= skipped;
		if (piece.length > copy->length - done)
			piece.length = copy->length - done;
		piece.flags = copy->flags | IOMMUFD_MAP_FIXED;
		if (ioas_remember(to, &piece) < 0)
			return -ENOMEM;
		observe_mapped(ctx, to, &piece);
		done += piece.length;
	}
	return 0;
}

int ioas_copy(struct context *ctx, struct copy *copy, int *ret_op)
{
	int rc;

	observe_begin(ctx, copy->to);
	*ret_op = IOMMUFD_OP_IOAS_COPY;
	rc = iommufd_ioas_copy(ctx->iommufd, copy->to, copy->from, copy->flags, copy->start, copy->length,
			       &copy->iova);
	if (rc < 0 || remember_copy(ctx, copy) == 0)
		return rc;
	/* Nobody could unmap it by its address alone, as nobody was told that. */
	ioas_unmap(ctx, copy->to, copy->iova, copy->length, NULL);
	*ret_op = OP_LOCAL;
	return -ENOMEM;
}
