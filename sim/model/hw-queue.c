/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw-queue.h"

#include <errno.h>

int hw_queue_alloc_ioctl(struct call *call)
{
	const struct uapi_iommu_hw_queue_alloc *arg = &call->hw_queue_alloc;

	if (arg->flags || !arg->type)
		return -EOPNOTSUPP;
	if (!arg->length)
		return -EINVAL;
	if (arg->nesting_parent_iova + (arg->length - 1) < arg->nesting_parent_iova)
		return -EOVERFLOW;
	return object_find(call->context, arg->viommu_id, OBJECT_VIOMMU) ? -EOPNOTSUPP : -ENOENT;
}
