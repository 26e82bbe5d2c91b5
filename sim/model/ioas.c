/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ioas.h"

#include <errno.h>
#include <stdlib.h>

#include "areas.h"
#include "dma-buf.h"
#include "iova.h"

enum {
	MAP_FLAGS = UAPI_IOAS_MAP_FIXED_IOVA | UAPI_IOAS_MAP_WRITEABLE | UAPI_IOAS_MAP_READABLE,
	MAP_PROT = UAPI_IOAS_MAP_WRITEABLE | UAPI_IOAS_MAP_READABLE,
};

static void ioas_destroy(struct object *object)
{
	struct ioas *ioas = (struct ioas *)object;
	uint64_t bytes;

	if (object->context->compat_ioas == ioas)
		object->context->compat_ioas = NULL;
	areas_unmap(ioas, 0, UINT64_MAX, &bytes);
	ranges_clear(&ioas->reserved);
	ranges_clear(&ioas->allowed);
}

int ioas_alloc_ioctl(struct call *call)
{
	struct ioas *ioas;
	int rc;

	if (call->ioas_alloc.flags)
		return -EOPNOTSUPP;
	ioas = object_new(call->context, OBJECT_IOAS, sizeof(*ioas), ioas_destroy);
	if (!ioas)
		return -ENOMEM;
	ioas->alignment = 1;
	TAILQ_INIT(&ioas->hwpts);
	TAILQ_INIT(&ioas->accesses);
	call->ioas_alloc.out_ioas_id = ioas->object.id;
	rc = respond(call, ioas_alloc);
	if (rc)
		object_free(&ioas->object);
	return rc;
}

/* --- ranges ------------------------------------------------------------------------------------------ */

/* As many as there is room for are written; how many there are is said in any case. */
int ioas_ranges_ioctl(struct call *call)
{
	uint32_t room = call->iova_ranges.num_iovas;
	struct sim_range hole;
	struct ioas *ioas;
	uint32_t n = 0;
	int rc;

	if (call->iova_ranges.reserved)
		return -EOPNOTSUPP;
	ioas = object_find(call->context, call->iova_ranges.ioas_id, OBJECT_IOAS);
	if (!ioas)
		return -ENOENT;
	for (uint64_t from = 0; ranges_hole(&ioas->reserved, from, &hole); from = hole.last + 1) {
		struct uapi_iommu_iova_range range = { hole.start, hole.last };

		if (n < room &&
		    caller_write(call->caller, call->iova_ranges.allowed_iovas + n * sizeof(range), &range,
				 sizeof(range)))
			return -EFAULT;
		n++;
		if (hole.last == UINT64_MAX)
			break;
	}
	call->iova_ranges.num_iovas = n;
	call->iova_ranges.out_iova_alignment = ioas->alignment;
	rc = respond(call, iova_ranges);
	return rc ? rc : n > room ? -EMSGSIZE : 0;
}

static int read_ranges(const struct call *call, struct ranges *ranges)
{
	for (uint32_t i = 0; i < call->allow_iovas.num_iovas; i++) {
		struct uapi_iommu_iova_range range;

		if (caller_read(call->caller, call->allow_iovas.allowed_iovas + i * sizeof(range), &range,
				sizeof(range)))
			return -EFAULT;
		if (range.start >= range.last || ranges_overlap(ranges, range.start, range.last))
			return -EINVAL;
		if (ranges_add(ranges, range.start, range.last, NULL))
			return -ENOMEM;
	}
	return 0;
}

int ioas_allow_ioctl(struct call *call)
{
	struct ranges new = { 0 }, old;
	struct ioas *ioas;
	int rc;

	if (call->allow_iovas.reserved)
		return -EOPNOTSUPP;
	ioas = object_find(call->context, call->allow_iovas.ioas_id, OBJECT_IOAS);
	if (!ioas)
		return -ENOENT;
	rc = read_ranges(call, &new);
	for (size_t i = 0; !rc && i < new.n; i++)
		if (ranges_overlap(&ioas->reserved, new.list[i].range.start, new.list[i].range.last))
			rc = -EADDRINUSE;
	old = ioas->allowed;
	if (!rc)
		ioas->allowed = new;
	ranges_clear(rc ? &new : &old);
	return rc;
}

/* --- mapping ----------------------------------------------------------------------------------------- */

/* What the three calls that map check alike, before they look for an IOAS. */
static int check_map(uint32_t flags, uint32_t reserved, uint64_t iova, uint64_t other_iova, uint64_t length)
{
	if (flags & ~(uint32_t)MAP_FLAGS || reserved)
		return -EOPNOTSUPP;
	if (iova == UINT64_MAX || other_iova == UINT64_MAX || length == UINT64_MAX)
		return -EOVERFLOW;
	return flags & MAP_PROT ? 0 : -EINVAL;
}

static int map_slices(struct ioas *ioas, struct slices *slices, uint64_t length, uint64_t *iova,
		      uint32_t flags)
{
	struct sim *sim = ioas->object.context->sim;
	int rc;

	lock(&sim->iova);
	rc = areas_map(ioas, slices, length, iova, flags & MAP_PROT, flags & UAPI_IOAS_MAP_FIXED_IOVA);
	unlock(&sim->iova);
	return rc;
}

/* What is to be mapped, of which nobody has anything yet. */
struct memory {
	struct sim_backing *backing; /* a file's, a reference; NULL: a file that cannot be pinned */
	bool is_file;		     /* else the caller's own */
	uint64_t offset, length;
};

/* Takes over the reference of the backing. */
static int new_pages(const struct call *call, const struct memory *memory, bool writable,
		     struct pages **pages)
{
	struct sim_context *context = call->context;
	struct payer payer = { 0 };
	int rc = payer_of_caller(context->sim, call->caller, context->by_process, &payer);

	if (rc) {
		sim_backing_put(memory->backing);
		return rc;
	}
	rc = pages_new(memory->is_file ? memory->backing : sim_backing_get(payer.process), memory->offset,
		       memory->length, writable, &payer, pages);
	if (!rc)
		(*pages)->is_file = memory->is_file;
	return rc;
}

static int map_new(const struct call *call, struct ioas *ioas, const struct memory *memory, uint64_t *iova,
		   uint32_t flags)
{
	struct slices slices = { calloc(1, sizeof(struct slice)), 1 };
	struct pages *pages;
	int rc;

	if (!slices.list) {
		sim_backing_put(memory->backing);
		return -ENOMEM;
	}
	rc = new_pages(call, memory, flags & UAPI_IOAS_MAP_WRITEABLE, &pages);
	if (rc) {
		free(slices.list);
		return rc;
	}
	slices.list[0] = (struct slice){ pages, NULL, memory->offset % PAGE, memory->length };
	return map_slices(ioas, &slices, memory->length, iova, flags);
}

int ioas_map_memory(const struct call *call, struct ioas *ioas, uint64_t address, uint64_t length,
		    uint64_t *iova, uint32_t flags)
{
	const struct memory memory = { .offset = address, .length = length };
	int rc = pages_check(call->context->sim->version, address, length);

	return rc ? rc : map_new(call, ioas, &memory, iova, flags);
}

int ioas_map_ioctl(struct call *call)
{
	struct uapi_iommu_ioas_map *map = &call->map;
	struct ioas *ioas;
	int rc = check_map(map->flags, map->reserved, map->iova, 0, map->length);

	if (rc)
		return rc;
	ioas = object_find(call->context, map->ioas_id, OBJECT_IOAS);
	if (!ioas)
		return -ENOENT;
	rc = ioas_map_memory(call, ioas, map->user_va, map->length, &map->iova, map->flags);
	return rc ? rc : respond(call, map);
}

/* What is neither memory nor a device's can be mapped, but not pinned: it has no backing. */
static int file_backing(const struct call *call, const struct uapi_iommu_ioas_map_file *map,
			struct sim_backing **backing)
{
	struct sim_fd what = { 0 };
	int rc = call->caller->ops->fd(call->caller, map->fd, SIM_FD_MEMORY, &what);

	*backing = NULL;
	if (rc)
		return rc;
	if (what.kind == SIM_FD_FILE && sim_file_kind(what.file) == SIM_FILE_DMABUF)
		return dma_buf_backing(what.file, map->start, map->length, backing);
	if (what.kind == SIM_FD_MEMORY)
		*backing = what.backing;
	return 0;
}

/* What is wrong with the offsets is found before the file is looked at, but for a length that cannot be. */
static int map_file(const struct call *call, struct ioas *ioas, struct uapi_iommu_ioas_map_file *map)
{
	struct memory memory = { .is_file = true, .offset = map->start, .length = map->length };
	int rc;

	if (!map->length)
		return -EINVAL;
	if (map->start + (map->length - 1) < map->start)
		return -EOVERFLOW;
	rc = file_backing(call, map, &memory.backing);
	if (rc)
		return rc;
	if (map->length > UINT64_MAX - PAGE) {
		sim_backing_put(memory.backing);
		return -EINVAL;
	}
	return map_new(call, ioas, &memory, &map->iova, map->flags);
}

int ioas_map_file_ioctl(struct call *call)
{
	struct uapi_iommu_ioas_map_file *map = &call->map_file;
	struct ioas *ioas;
	int rc = check_map(map->flags, 0, map->iova, 0, map->length);

	if (rc)
		return rc;
	ioas = object_find(call->context, map->ioas_id, OBJECT_IOAS);
	if (!ioas)
		return -ENOENT;
	rc = map_file(call, ioas, map);
	return rc ? rc : respond(call, map_file);
}

int ioas_copy_ioctl(struct call *call)
{
	struct uapi_iommu_ioas_copy *copy = &call->copy;
	struct slices slices = { 0 };
	struct ioas *from, *to = NULL;
	int rc = check_map(copy->flags, 0, copy->src_iova, copy->dst_iova, copy->length);

	if (rc)
		return rc;
	from = object_find(call->context, copy->src_ioas_id, OBJECT_IOAS);
	if (!from)
		return -ENOENT;
	rc = slices_collect(&slices, from, copy->src_iova, copy->length);
	if (!rc) {
		to = object_find(call->context, copy->dst_ioas_id, OBJECT_IOAS);
		rc = to ? 0 : -ENOENT;
	}
	if (rc) {
		slices_free(&slices);
		return rc;
	}
	rc = map_slices(to, &slices, copy->length, &copy->dst_iova, copy->flags);
	return rc ? rc : respond(call, copy);
}

/* --- unmapping --------------------------------------------------------------------------------------- */

int ioas_unmap(struct ioas *ioas, uint64_t iova, uint64_t length, uint64_t *bytes)
{
	if (!length)
		return -EINVAL;
	if (iova + (length - 1) < iova)
		return -EOVERFLOW;
	return areas_unmap(ioas, iova, iova + (length - 1), bytes);
}

int ioas_unmap_ioctl(struct call *call)
{
	struct uapi_iommu_ioas_unmap *unmap = &call->unmap;
	struct ioas *ioas = object_find(call->context, unmap->ioas_id, OBJECT_IOAS);
	bool all = unmap->iova == 0 && unmap->length == UINT64_MAX;
	uint64_t bytes = 0;
	int rc;

	if (!ioas)
		return -ENOENT;
	if (all)
		rc = areas_unmap(ioas, 0, UINT64_MAX, &bytes);
	else if (unmap->iova == UINT64_MAX || unmap->length == UINT64_MAX)
		rc = -EOVERFLOW;
	else
		rc = ioas_unmap(ioas, unmap->iova, unmap->length, &bytes);
	if (rc)
		return rc;
	if (!all && !bytes)
		return -ENOENT;
	unmap->length = bytes;
	return respond(call, unmap);
}
