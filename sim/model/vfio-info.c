/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vfio-info.h"

#include <errno.h>

#include "uapi/vfio.h"

enum { REGION_SHIFT = 40 };

/* Emulated devices answer with the first struct, physical ones with as much of it as the caller has room for.
 */
int info_ioctl(struct vfio_call *call)
{
	const struct sim_device_description *description = call->device->description;
	const size_t min_len = offsetof(struct uapi_vfio_device_info, cap_offset);
	struct uapi_vfio_device_info info = { 0 };
	size_t len = min_len;

	if (caller_read(call->caller, call->address, &info, min_len))
		return -EFAULT;
	if (info.argsz < min_len)
		return -EINVAL;
	if (is_physical(call->device))
		len = info.argsz < sizeof(info) ? info.argsz : sizeof(info);
	info.flags = description->flags;
	info.num_regions = description->n_regions;
	info.num_irqs = description->n_irqs;
	call->device->info_asked = true;
	return caller_write(call->caller, call->address, &info, len);
}

/* The one capability that a region has here. Without room for it the caller is told how much there should be.
 */
static int add_msix_mappable(struct vfio_call *call, struct uapi_vfio_region_info *info)
{
	const struct uapi_vfio_info_cap_header cap = { UAPI_VFIO_REGION_INFO_CAP_MSIX_MAPPABLE, 1, 0 };
	uint32_t len = sizeof(*info) + sizeof(cap);

	info->flags |= UAPI_VFIO_REGION_INFO_FLAG_CAPS;
	if (info->argsz < len) {
		info->argsz = len;
		info->cap_offset = 0;
		return 0;
	}
	info->cap_offset = sizeof(*info);
	return caller_write(call->caller, call->address + sizeof(*info), &cap, sizeof(cap));
}

int region_info_ioctl(struct vfio_call *call)
{
	const struct sim_device_description *description = call->device->description;
	const struct sim_region_description *region;
	struct uapi_vfio_region_info info;
	int rc = 0;

	if (caller_read(call->caller, call->address, &info, sizeof(info)))
		return -EFAULT;
	if (info.argsz < sizeof(info) || info.index >= description->n_regions)
		return -EINVAL;
	region = &description->regions[info.index];
	if (region->absent)
		return -EINVAL;
	info.flags = region->flags;
	info.size = region->size;
	info.offset = region->has_offset ? region->offset : (uint64_t)info.index << REGION_SHIFT;
	if (region->msix_mappable)
		rc = add_msix_mappable(call, &info);
	return rc ? rc : caller_write(call->caller, call->address, &info, sizeof(info));
}

/* Without a description of them all have none, and the flags stay as they were. */
int irq_info_ioctl(struct vfio_call *call)
{
	const struct sim_device_description *description = call->device->description;
	bool none_yet = description->info_first && !call->device->info_asked;
	struct uapi_vfio_irq_info info;

	if (caller_read(call->caller, call->address, &info, sizeof(info)))
		return -EFAULT;
	if (info.argsz < sizeof(info) || info.index >= description->n_irqs || none_yet)
		return -EINVAL;
	info.count = 0;
	if (description->irqs) {
		const struct sim_irq_description *irq = &description->irqs[info.index];

		if (irq->error)
			return -irq->error;
		info.flags = irq->flags;
		info.count = irq->count;
	}
	return caller_write(call->caller, call->address, &info, sizeof(info));
}
