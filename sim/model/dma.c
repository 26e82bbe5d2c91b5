/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dma.h"

#include <errno.h>

#include "access.h"
#include "areas.h"
#include "attach.h"
#include "dirty.h"
#include "logging.h"
#include "walk.h"

enum { HW_INFO_VTD = 1 };

static uint8_t needed(const struct hwpt *hwpt, bool write)
{
	if (write)
		return UAPI_IOAS_MAP_WRITEABLE;
	if (hwpt->iommu->hw_info_type == HW_INFO_VTD && hwpt->object.context->sim->version->vtd_reads_all)
		return UAPI_IOAS_MAP_READABLE | UAPI_IOAS_MAP_WRITEABLE;
	return UAPI_IOAS_MAP_READABLE;
}

/*
 * One page table, which holds all that its IOAS maps. What the IOMMU does not let through is lost, and no
 * more.
 */
static int through_paging(struct hwpt *hwpt, uint64_t iova, void *bytes, size_t len, bool write)
{
	if (areas_copy(hwpt->ioas, iova, bytes, len, write, needed(hwpt, write)))
		return -EFAULT;
	if (write)
		dirty_record(hwpt, iova, len);
	return 0;
}

/* A guest's page table: page by page, as neighbours may lie anywhere. */
static int through_nested(struct hwpt *hwpt, uint64_t address, unsigned char *bytes, size_t len, bool write)
{
	size_t here;

	for (; len; len -= here, address += here, bytes += here) {
		uint64_t iova;

		here = PAGE - address % PAGE;
		here = here < len ? here : len;
		if (walk_first_stage(hwpt, address, write, &iova) ||
		    through_paging(hwpt->parent, iova, bytes, here, write))
			return -EFAULT;
	}
	return 0;
}

static int physical(struct sim_device *device, uint32_t pasid, uint64_t iova, void *bytes, size_t len,
		    bool write)
{
	struct hwpt *hwpt = device_hwpt(device, pasid);
	int rc = -EFAULT;

	if (hwpt && iova + len >= iova)
		rc = hwpt->parent ? through_nested(hwpt, iova, bytes, len, write) :
				    through_paging(hwpt, iova, bytes, len, write);
	if (!rc && write)
		logging_note(device, iova, len);
	return rc;
}

int sim_dma_pasid(struct sim_device *device, uint32_t pasid, uint64_t iova, void *bytes, size_t len,
		  bool write)
{
	int rc;

	lock(&device->sim->iova);
	rc = is_physical(device) ? physical(device, pasid, iova, bytes, len, write) : -EFAULT;
	unlock(&device->sim->iova);
	return rc;
}

/* The access cannot go while its device is in one of its ops, or in the middle of this. */
static int emulated(struct sim_device *device, uint64_t iova, void *bytes, size_t len, bool write)
{
	int rc = device->access ? access_rw(device->access, iova, bytes, len, write) : -ENOENT;

	if (!rc && write)
		sim_log_dirty(device, iova, len);
	return rc;
}

int sim_dma_read(struct sim_device *device, uint64_t iova, void *to, size_t len)
{
	if (!is_physical(device))
		return emulated(device, iova, to, len, false);
	return sim_dma_pasid(device, NO_PASID, iova, to, len, false);
}

int sim_dma_write(struct sim_device *device, uint64_t iova, const void *from, size_t len)
{
	void *bytes = (void *)(uintptr_t)from;

	if (!is_physical(device))
		return emulated(device, iova, bytes, len, true);
	return sim_dma_pasid(device, NO_PASID, iova, bytes, len, true);
}

int sim_pin(struct sim_device *device, uint64_t iova, uint64_t length, bool write)
{
	return device->access ? access_pin_pages(device->access, iova, length, write) : -ENOENT;
}

void sim_unpin(struct sim_device *device, uint64_t iova, uint64_t length)
{
	if (device->access)
		access_unpin_pages(device->access, iova, length);
}
