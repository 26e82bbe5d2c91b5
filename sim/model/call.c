/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call.h"

#include <errno.h>
#include <string.h>

#include "access.h"
#include "change-process.h"
#include "compat.h"
#include "dirty.h"
#include "fault.h"
#include "hw-info.h"
#include "hw-queue.h"
#include "hwpt.h"
#include "invalidate.h"
#include "ioas.h"
#include "option.h"
#include "vdevice.h"
#include "veventq.h"
#include "viommu.h"

/* Numbers up to that of IOMMU_TEST_CMD are looked at only after the struct's size was read. */
enum { FIRST_IOCTL = 0x80, LAST_IOCTL = 0xa0 };

int caller_read(struct sim_caller *caller, uint64_t address, void *to, size_t len)
{
	return len ? caller->ops->read(caller, address, to, len) : 0;
}

int caller_write(struct sim_caller *caller, uint64_t address, const void *from, size_t len)
{
	return len ? caller->ops->write(caller, address, from, len) : 0;
}

/* What is not zero is found before what cannot be read: page by page. */
static int check_zero(struct sim_caller *caller, uint64_t address, uint64_t len)
{
	unsigned char bytes[PAGE];
	size_t here;

	for (; len; address += here, len -= here) {
		here = PAGE - address % PAGE;
		here = here < len ? here : len;
		if (caller_read(caller, address, bytes, here))
			return -EFAULT;
		for (size_t i = 0; i < here; i++)
			if (bytes[i])
				return -E2BIG;
	}
	return 0;
}

int caller_read_struct(struct sim_caller *caller, uint64_t address, uint32_t user_len, void *to, size_t len)
{
	int rc = user_len > len ? check_zero(caller, address + len, user_len - len) : 0;

	return rc ? rc : caller_read(caller, address, to, user_len < len ? user_len : len);
}

int call_respond(const struct call *call, const void *from, size_t len)
{
	return caller_write(call->caller, call->address, from, len < call->user_len ? len : call->user_len);
}

static int destroy(struct call *call)
{
	return object_destroy(call->context, call->destroy.id);
}

struct ioctl {
	int (*execute)(struct call *call);
	uint8_t min_len;
	uint8_t len; /* 0: as struct version says */
};

#define ENDS_WITH(type, member) (offsetof(struct type, member) + sizeof(((struct type *)0)->member))
#define IOCTL(nr, type, last, fn) \
	[(nr)-UAPI_IO(FIRST_IOCTL)] = { fn, ENDS_WITH(type, last), sizeof(struct type) }

static const struct ioctl ioctls[LAST_IOCTL - FIRST_IOCTL + 1] = {
	IOCTL(UAPI_IOMMU_DESTROY, uapi_iommu_destroy, id, destroy),
	IOCTL(UAPI_IOMMU_IOAS_ALLOC, uapi_iommu_ioas_alloc, out_ioas_id, ioas_alloc_ioctl),
	IOCTL(UAPI_IOMMU_IOAS_ALLOW_IOVAS, uapi_iommu_ioas_allow_iovas, allowed_iovas, ioas_allow_ioctl),
	IOCTL(UAPI_IOMMU_IOAS_COPY, uapi_iommu_ioas_copy, src_iova, ioas_copy_ioctl),
	IOCTL(UAPI_IOMMU_IOAS_IOVA_RANGES, uapi_iommu_ioas_iova_ranges, out_iova_alignment,
	      ioas_ranges_ioctl),
	IOCTL(UAPI_IOMMU_IOAS_MAP, uapi_iommu_ioas_map, iova, ioas_map_ioctl),
	IOCTL(UAPI_IOMMU_IOAS_UNMAP, uapi_iommu_ioas_unmap, length, ioas_unmap_ioctl),
	IOCTL(UAPI_IOMMU_OPTION, uapi_iommu_option, val64, option_ioctl),
	IOCTL(UAPI_IOMMU_VFIO_IOAS, uapi_iommu_vfio_ioas, reserved, compat_ioas_ioctl),
	IOCTL(UAPI_IOMMU_HWPT_ALLOC, uapi_iommu_hwpt_alloc, reserved, hwpt_alloc_ioctl),
	IOCTL(UAPI_IOMMU_GET_HW_INFO, uapi_iommu_hw_info, reserved, hw_info_ioctl),
	IOCTL(UAPI_IOMMU_HWPT_SET_DIRTY_TRACKING, uapi_iommu_hwpt_set_dirty_tracking, reserved,
	      dirty_set_ioctl),
	IOCTL(UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP, uapi_iommu_hwpt_get_dirty_bitmap, data, dirty_get_ioctl),
	IOCTL(UAPI_IOMMU_HWPT_INVALIDATE, uapi_iommu_hwpt_invalidate, reserved, invalidate_ioctl),
	IOCTL(UAPI_IOMMU_FAULT_QUEUE_ALLOC, uapi_iommu_fault_alloc, out_fault_fd, fault_alloc_ioctl),
	IOCTL(UAPI_IOMMU_IOAS_MAP_FILE, uapi_iommu_ioas_map_file, iova, ioas_map_file_ioctl),
	IOCTL(UAPI_IOMMU_VIOMMU_ALLOC, uapi_iommu_viommu_alloc, out_viommu_id, viommu_alloc_ioctl),
	IOCTL(UAPI_IOMMU_VDEVICE_ALLOC, uapi_iommu_vdevice_alloc, virt_id, vdevice_alloc_ioctl),
	IOCTL(UAPI_IOMMU_IOAS_CHANGE_PROCESS, uapi_iommu_ioas_change_process, reserved, change_process_ioctl),
	IOCTL(UAPI_IOMMU_VEVENTQ_ALLOC, uapi_iommu_veventq_alloc, out_veventq_fd, veventq_alloc_ioctl),
	IOCTL(UAPI_IOMMU_HW_QUEUE_ALLOC, uapi_iommu_hw_queue_alloc, length, hw_queue_alloc_ioctl),
};

/* What this kernel knows of a struct. */
static size_t known_len(const struct version *version, unsigned long request)
{
	switch (request) {
	case UAPI_IOMMU_HWPT_ALLOC:
		return version->hwpt_alloc_len;
	case UAPI_IOMMU_GET_HW_INFO:
		return version->hw_info_len;
	default:
		return ioctls[request - UAPI_IO(FIRST_IOCTL)].len;
	}
}

/* The checks of the kernel, in its order. */
static int dispatch(struct call *call, unsigned long request)
{
	const struct version *version = call->context->sim->version;
	const struct ioctl *ioctl = &ioctls[(request & 0xff) - FIRST_IOCTL];
	int rc = caller_read(call->caller, call->address, &call->user_len, sizeof(call->user_len));

	if (rc)
		return rc;
	if (request >> 8 != UAPI_IO(0) >> 8 || !ioctl->execute || (request & 0xff) > version->last_ioctl)
		return -ENOTTY;
	if (call->user_len < ioctl->min_len)
		return -EINVAL;
	rc = caller_read_struct(call->caller, call->address, call->user_len, &call->size,
				known_len(version, request));
	return rc ? rc : ioctl->execute(call);
}

long sim_iommufd_ioctl(struct sim_context *context, unsigned long request, uint64_t arg,
		       struct sim_caller *caller)
{
	struct call call = { .context = context, .caller = caller, .address = arg };
	struct sim *sim = context->sim;
	long rc;

	request = (uint32_t)request;
	lock(&sim->ioctls);
	if ((request & 0xff) >= FIRST_IOCTL && (request & 0xff) <= LAST_IOCTL)
		rc = dispatch(&call, request);
	else
		rc = compat_ioctl(&call, request);
	unlock(&sim->ioctls);
	return rc;
}
