/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "option.h"

#include <errno.h>

#include "areas.h"
#include "iova.h"

enum { RLIMIT_MODE = 0, HUGE_PAGES = 1 };

static int set_rlimit_mode(struct call *call)
{
	struct sim_limits limits = { 0 };

	call->caller->ops->limits(call->caller, &limits);
	if (!limits.sys_resource)
		return -EPERM;
	if (!context_is_empty(call->context))
		return -EBUSY;
	if (call->option.val64 > 1)
		return -EINVAL;
	call->context->by_process = call->option.val64;
	return 0;
}

static int rlimit_mode(struct call *call)
{
	if (call->option.object_id)
		return -EOPNOTSUPP;
	switch (call->option.op) {
	case UAPI_IOMMU_OPTION_GET:
		call->option.val64 = call->context->by_process;
		return 0;
	case UAPI_IOMMU_OPTION_SET:
		return set_rlimit_mode(call);
	default:
		return -EOPNOTSUPP;
	}
}

/* Page tables that have huge pages already keep them. */
int ioas_use_small_pages(struct ioas *ioas)
{
	int rc;

	if (ioas->small_pages)
		return 0;
	if (areas_are_filled(ioas) && area_find(ioas, 0, UINT64_MAX))
		return -EINVAL;
	ioas->small_pages = true;
	rc = iova_update_alignment(ioas);
	ioas->small_pages = !rc;
	return rc;
}

static int set_huge_pages(struct ioas *ioas, uint64_t value)
{
	if (value > 1)
		return -EINVAL;
	if (!value)
		return ioas_use_small_pages(ioas);
	ioas->small_pages = false;
	return iova_update_alignment(ioas);
}

static int huge_pages(struct call *call)
{
	struct ioas *ioas = object_find(call->context, call->option.object_id, OBJECT_IOAS);
	struct sim *sim = call->context->sim;
	int rc;

	if (!ioas)
		return -ENOENT;
	switch (call->option.op) {
	case UAPI_IOMMU_OPTION_GET:
		call->option.val64 = !ioas->small_pages;
		return 0;
	case UAPI_IOMMU_OPTION_SET:
		lock(&sim->iova);
		rc = set_huge_pages(ioas, call->option.val64);
		unlock(&sim->iova);
		return rc;
	default:
		return -EOPNOTSUPP;
	}
}

int option_ioctl(struct call *call)
{
	uint64_t value = call->address + offsetof(struct uapi_iommu_option, val64);
	int rc = -EOPNOTSUPP;

	if (call->option.reserved)
		return -EOPNOTSUPP;
	if (call->option.option_id == RLIMIT_MODE)
		rc = rlimit_mode(call);
	else if (call->option.option_id == HUGE_PAGES)
		rc = huge_pages(call);
	return rc ? rc : caller_write(call->caller, value, &call->option.val64, sizeof(call->option.val64));
}
