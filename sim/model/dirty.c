/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dirty.h"

#include <errno.h>
#include <stdlib.h>

#include "areas.h"
#include "bitmap.h"

/* Each node is a page. What cannot be remembered, as there is no memory, is lost. */
void dirty_record(struct hwpt *hwpt, uint64_t iova, uint64_t length)
{
	uint64_t last = iova + (length - 1);

	if (!hwpt->tracking || !length)
		return;
	for (uint64_t page = iova - iova % PAGE; page <= last && page >= iova - iova % PAGE; page += PAGE) {
		struct node *node = tree_find(&hwpt->dirty, page, page) ? NULL : malloc(sizeof(*node));

		if (!node)
			continue;
		node->start = page;
		node->last = page + (PAGE - 1);
		tree_insert(&hwpt->dirty, node);
	}
}

void dirty_forget(struct hwpt *hwpt, uint64_t start, uint64_t last)
{
	struct node *node;

	while ((node = tree_find(&hwpt->dirty, start, last))) {
		tree_remove(&hwpt->dirty, node);
		free(node);
	}
}

void dirty_clear(struct hwpt *hwpt)
{
	dirty_forget(hwpt, 0, UINT64_MAX);
}

int dirty_set_ioctl(struct call *call)
{
	struct sim *sim = call->context->sim;
	bool enable = call->set_dirty.flags & UAPI_IOMMU_HWPT_DIRTY_TRACKING_ENABLE;
	struct hwpt *hwpt;

	if (call->set_dirty.flags & ~UAPI_IOMMU_HWPT_DIRTY_TRACKING_ENABLE)
		return -EOPNOTSUPP;
	hwpt = object_find(call->context, call->set_dirty.hwpt_id, OBJECT_HWPT_PAGING);
	if (!hwpt)
		return -ENOENT;
	if (!hwpt->can_track)
		return -EOPNOTSUPP;
	lock(&sim->iova);
	if (enable)
		dirty_clear(hwpt);
	hwpt->tracking = enable;
	unlock(&sim->iova);
	return 0;
}

static int check_range(const struct version *version, const struct uapi_iommu_hwpt_get_dirty_bitmap *arg,
		       uint64_t alignment)
{
	uint64_t last = arg->iova + (arg->length - 1);

	if (!arg->length && !version->overflow_first)
		return -EINVAL;
	/* Without a length it wraps, too: but from IOVA 0. */
	if (last < arg->iova)
		return -EOVERFLOW;
	if (arg->iova & (alignment - 1) || (last + 1) & (alignment - 1))
		return -EINVAL;
	if (!arg->page_size || arg->iova & (arg->page_size - 1) || (last + 1) & (arg->page_size - 1))
		return -EINVAL;
	return 0;
}

/* As far as it is mapped from the start on: -EINVAL where that is not all of it. */
static int mapped_end(const struct ioas *ioas, uint64_t iova, uint64_t last, uint64_t *end)
{
	const struct area *area;

	for (*end = iova; (area = area_find(ioas, *end, *end)); *end = area->node.last + 1)
		if (area->node.last >= last) {
			*end = last + 1;
			return 0;
		}
	return -EINVAL;
}

static int report(struct hwpt *hwpt, const struct bitmap *bitmap, uint64_t last, bool clear)
{
	uint64_t from = bitmap->iova, end;
	struct node *node;
	int rc;

	if (!hwpt->tracking)
		return -EINVAL;
	rc = mapped_end(hwpt->ioas, from, last, &end);
	if (end == from)
		return rc;
	for (; (node = tree_find(&hwpt->dirty, from, end - 1)); from = node->last + 1) {
		if (bitmap_set(bitmap, node->start, node->last))
			return -EFAULT;
		if (node->last >= end - 1)
			break;
	}
	if (clear)
		dirty_forget(hwpt, bitmap->iova, end - 1);
	return rc;
}

int dirty_get_ioctl(struct call *call)
{
	const struct uapi_iommu_hwpt_get_dirty_bitmap *arg = &call->get_dirty;
	struct bitmap bitmap = { call->caller, arg->data, arg->iova, arg->page_size };
	struct sim *sim = call->context->sim;
	struct hwpt *hwpt;
	int rc;

	if (arg->flags & ~UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR || arg->reserved)
		return -EOPNOTSUPP;
	hwpt = object_find(call->context, arg->hwpt_id, OBJECT_HWPT_PAGING);
	if (!hwpt)
		return -ENOENT;
	rc = check_range(sim->version, arg, hwpt->ioas->alignment);
	if (!rc && !hwpt->can_track)
		rc = -EOPNOTSUPP;
	if (rc)
		return rc;
	lock(&sim->iova);
	rc = report(hwpt, &bitmap, arg->iova + (arg->length - 1),
		    !(arg->flags & UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR));
	unlock(&sim->iova);
	return sim->version->dirty_errors ? rc : 0;
}
