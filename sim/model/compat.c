/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat.h"

#include <errno.h>

#include "areas.h"
#include "cut.h"
#include "hwpt.h"
#include "iova.h"
#include "option.h"
#include "uapi/vfio.h"

#define GET_API_VERSION UAPI_IO(100)
#define CHECK_EXTENSION UAPI_IO(101)
#define SET_IOMMU UAPI_IO(102)
#define IOMMU_GET_INFO UAPI_IO(112)
#define IOMMU_MAP_DMA UAPI_IO(113)
#define IOMMU_UNMAP_DMA UAPI_IO(114)

enum { TYPE1 = 1, TYPE1_V2 = 3, DMA_CC = 4, UNMAP_ALL = 9 }; /* of CHECK_EXTENSION, SET_IOMMU */
enum { MAP_READ = 1, MAP_WRITE = 2, UNMAP_FLAG_ALL = 2 };
enum { INFO_PGSIZES = 1, INFO_CAPS = 2 };
enum { CAP_IOVA_RANGE = 1, CAP_DMA_AVAIL = 3 };

int compat_ioas_ioctl(struct call *call)
{
	struct sim_context *context = call->context;
	struct ioas *ioas;

	if (call->vfio_ioas.reserved)
		return -EOPNOTSUPP;
	switch (call->vfio_ioas.op) {
	case UAPI_IOMMU_VFIO_IOAS_GET:
		if (!context->compat_ioas)
			return -ENODEV;
		call->vfio_ioas.ioas_id = context->compat_ioas->object.id;
		return respond(call, vfio_ioas);
	case UAPI_IOMMU_VFIO_IOAS_SET:
		ioas = object_find(context, call->vfio_ioas.ioas_id, OBJECT_IOAS);
		if (!ioas)
			return -ENOENT;
		context->compat_ioas = ioas;
		return 0;
	case UAPI_IOMMU_VFIO_IOAS_CLEAR:
		context->compat_ioas = NULL;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/* --- mapping ----------------------------------------------------------------------------------------- */

struct dma_map {
	uint32_t argsz, flags;
	uint64_t vaddr, iova, size;
};

static int map_dma(struct call *call)
{
	struct ioas *ioas = call->context->compat_ioas;
	uint32_t flags = UAPI_IOAS_MAP_FIXED_IOVA;
	struct dma_map map;

	if (caller_read(call->caller, call->address, &map, sizeof(map)))
		return -EFAULT;
	if (map.argsz < sizeof(map) || map.flags & ~(uint32_t)(MAP_READ | MAP_WRITE))
		return -EINVAL;
	if (!ioas)
		return -ENODEV;
	flags |= map.flags & MAP_READ ? UAPI_IOAS_MAP_READABLE : 0;
	flags |= map.flags & MAP_WRITE ? UAPI_IOAS_MAP_WRITEABLE : 0;
	return ioas_map_memory(call, ioas, map.vaddr, map.size, &map.iova, flags);
}

struct dma_unmap {
	uint32_t argsz, flags;
	uint64_t iova, size;
};

/* TYPE1: in the middle of a mapping, too. */
static int cut_ends(struct ioas *ioas, uint64_t iova, uint64_t size)
{
	struct sim *sim = ioas->object.context->sim;
	int rc;

	lock(&sim->iova);
	rc = areas_cut(ioas, iova + size - 1);
	if (!rc && iova)
		rc = areas_cut(ioas, iova - 1);
	unlock(&sim->iova);
	return rc;
}

static int unmap_dma(struct call *call)
{
	struct ioas *ioas = call->context->compat_ioas;
	struct dma_unmap unmap;
	uint64_t bytes = 0;
	int rc = 0;

	if (caller_read(call->caller, call->address, &unmap, sizeof(unmap)))
		return -EFAULT;
	if (unmap.argsz < sizeof(unmap) || unmap.flags & ~(uint32_t)UNMAP_FLAG_ALL)
		return -EINVAL;
	if (!ioas)
		return -ENODEV;
	if (unmap.flags && (unmap.iova || unmap.size))
		return -EINVAL;
	if (!unmap.flags && ioas->small_pages)
		rc = cut_ends(ioas, unmap.iova, unmap.size);
	if (rc)
		return rc;
	rc = unmap.flags ? areas_unmap(ioas, 0, UINT64_MAX, &bytes) :
			   ioas_unmap(ioas, unmap.iova, unmap.size, &bytes);
	unmap.size = bytes;
	return caller_write(call->caller, call->address, &unmap, sizeof(unmap)) ? -EFAULT : rc;
}

/* --- the container ----------------------------------------------------------------------------------- */

static int check_extension(const struct call *call)
{
	const struct ioas *ioas = call->context->compat_ioas;
	const struct hwpt *hwpt;

	switch (call->address) {
	case TYPE1:
	case TYPE1_V2:
	case UNMAP_ALL:
		return 1;
	case DMA_CC:
		if (!ioas)
			return -ENODEV;
		TAILQ_FOREACH(hwpt, &ioas->hwpts, next)
			if (!hwpt->iommu->enforces_coherency)
				return 0;
		return 1;
	default:
		return 0;
	}
}

static int set_iommu(struct call *call)
{
	struct sim *sim = call->context->sim;
	int rc = 0;

	if (call->address != TYPE1 && call->address != TYPE1_V2)
		return -EINVAL;
	if (!call->context->compat_ioas)
		return -ENODEV;
	lock(&sim->iova);
	if (call->address == TYPE1)
		rc = ioas_use_small_pages(call->context->compat_ioas);
	unlock(&sim->iova);
	return rc;
}

struct iommu_info {
	uint32_t argsz, flags;
	uint64_t iova_pgsizes;
	uint32_t cap_offset, pad;
};

struct cap_dma_avail {
	struct uapi_vfio_info_cap_header header;
	uint32_t avail;
};

struct cap_iova_range {
	struct uapi_vfio_info_cap_header header;
	uint32_t nr_iovas, reserved;
};

/* As a CPU's pages at least: what is smaller can be put together. */
static uint64_t page_sizes(const struct ioas *ioas)
{
	uint64_t sizes = UINT64_MAX;
	const struct hwpt *hwpt;

	TAILQ_FOREACH(hwpt, &ioas->hwpts, next)
		sizes &= hwpt->iommu->page_sizes;
	if (sizes & (PAGE - 1))
		sizes = (sizes & ~(uint64_t)(PAGE - 1)) | PAGE;
	return sizes > ioas->alignment ? sizes : ioas->alignment;
}

/* Writes as much as there is room for, at most len bytes: how long the whole is, or -EFAULT. */
static int write_ranges(const struct call *call, const struct ioas *ioas, uint64_t to, uint64_t len)
{
	struct cap_iova_range cap = { { CAP_IOVA_RANGE, 1, 0 }, 0, 0 };
	struct sim_range hole;
	uint64_t end = sizeof(cap);

	for (uint64_t from = 0; ranges_hole(&ioas->reserved, from, &hole); from = hole.last + 1) {
		end += sizeof(hole);
		if (len >= end && caller_write(call->caller, to + end - sizeof(hole), &hole, sizeof(hole)))
			return -EFAULT;
		cap.nr_iovas++;
		if (hole.last == UINT64_MAX)
			break;
	}
	if (len >= end && caller_write(call->caller, to, &cap, sizeof(cap)))
		return -EFAULT;
	return (int)end;
}

static int get_info(struct call *call)
{
	const struct cap_dma_avail avail = { { CAP_DMA_AVAIL, 1, 0 }, UINT32_MAX };
	const uint32_t avail_at = sizeof(struct iommu_info),
		       ranges_at = avail_at + 16; /* at multiples of 8 */
	const struct ioas *ioas = call->context->compat_ioas;
	struct iommu_info info = { 0 };
	size_t min_len = offsetof(struct iommu_info, cap_offset), len;
	int ranges_len;

	if (caller_read(call->caller, call->address, &info, min_len))
		return -EFAULT;
	if (info.argsz < min_len)
		return -EINVAL;
	if (!ioas)
		return -ENODEV;
	len = info.argsz < sizeof(info) ? info.argsz : sizeof(info);
	if (info.argsz >= avail_at + sizeof(avail) &&
	    caller_write(call->caller, call->address + avail_at, &avail, sizeof(avail)))
		return -EFAULT;
	ranges_len = write_ranges(call, ioas, call->address + ranges_at,
				  info.argsz > ranges_at ? info.argsz - ranges_at : 0);
	if (ranges_len < 0)
		return ranges_len;
	if (info.argsz >= ranges_at &&
	    caller_write(call->caller,
			 call->address + avail_at + offsetof(struct uapi_vfio_info_cap_header, next),
			 &ranges_at, sizeof(ranges_at)))
		return -EFAULT;
	info.flags = INFO_PGSIZES | INFO_CAPS;
	info.iova_pgsizes = page_sizes(ioas);
	info.cap_offset = info.argsz >= ranges_at + (uint32_t)ranges_len ? sizeof(info) : 0;
	info.argsz = ranges_at + (uint32_t)ranges_len;
	return caller_write(call->caller, call->address, &info, len);
}

long compat_ioctl(struct call *call, unsigned long request)
{
	switch (request) {
	case GET_API_VERSION:
		return 0;
	case CHECK_EXTENSION:
		return check_extension(call);
	case SET_IOMMU:
		return set_iommu(call);
	case IOMMU_GET_INFO:
		return get_info(call);
	case IOMMU_MAP_DMA:
		return map_dma(call);
	case IOMMU_UNMAP_DMA:
		return unmap_dma(call);
	default:
		return -ENOTTY;
	}
}
