/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logging.h"

#include <errno.h>
#include <stdlib.h>

#include "bitmap.h"
#include "ranges.h"
#include "tree.h"

enum { MOST_RANGES = PAGE / sizeof(struct uapi_vfio_device_feature_dma_logging_range), LEAST_PAGE = 4096 };

struct logging {
	struct ranges ranges;
	struct tree pages; /* that were written to */
};

static void forget_pages(struct logging *logging, uint64_t start, uint64_t last)
{
	struct node *node;

	while ((node = tree_find(&logging->pages, start, last))) {
		tree_remove(&logging->pages, node);
		free(node);
	}
}

void logging_stop(struct sim_device *device)
{
	struct logging *logging = device->logging;

	if (!logging)
		return;
	lock(&device->sim->iova);
	device->logging = NULL;
	unlock(&device->sim->iova);
	forget_pages(logging, 0, UINT64_MAX);
	ranges_clear(&logging->ranges);
	free(logging);
}

/* Of the ranges of a start, one by one. */
static int add_range(struct ranges *ranges, const struct uapi_vfio_device_feature_dma_logging_range *range,
		     uint64_t page_size)
{
	if ((range->iova | range->length) & (page_size - 1))
		return -EINVAL;
	if (range->iova + range->length < range->iova)
		return -EOVERFLOW;
	if (ranges_overlap(ranges, range->iova, range->iova + range->length - 1))
		return -EINVAL;
	return ranges_add(ranges, range->iova, range->iova + range->length - 1, NULL);
}

static int read_logged_ranges(const struct feature *feature,
		       const struct uapi_vfio_device_feature_dma_logging_control *control,
		       struct ranges *ranges)
{
	struct uapi_vfio_device_feature_dma_logging_range range;
	int rc = 0;

	if (!control->num_ranges)
		return -EINVAL;
	if (control->num_ranges > MOST_RANGES)
		return -E2BIG;
	for (uint32_t i = 0; !rc && i < control->num_ranges; i++) {
		rc = caller_read(feature->call->caller, control->ranges + i * sizeof(range), &range,
				 sizeof(range));
		if (!rc)
			rc = add_range(ranges, &range, control->page_size);
	}
	return rc;
}

static int start(struct sim_device *device, struct ranges *ranges)
{
	struct logging *logging = device->logging ? device->logging : calloc(1, sizeof(*logging));

	if (!logging)
		return -ENOMEM;
	lock(&device->sim->iova);
	ranges_clear(&logging->ranges);
	logging->ranges = *ranges;
	device->logging = logging;
	unlock(&device->sim->iova);
	*ranges = (struct ranges){ 0 };
	return 0;
}

int logging_start_feature(const struct feature *feature)
{
	struct uapi_vfio_device_feature_dma_logging_control control;
	struct ranges ranges = { 0 };
	int rc = feature_check(feature, UAPI_VFIO_DEVICE_FEATURE_SET, sizeof(control));

	if (rc != 1)
		return rc;
	rc = caller_read(feature->call->caller, feature->data, &control, sizeof(control));
	if (!rc)
		rc = read_logged_ranges(feature, &control, &ranges);
	if (!rc)
		rc = start(feature->call->device, &ranges);
	ranges_clear(&ranges);
	if (rc)
		return rc;
	rc = caller_write(feature->call->caller, feature->data, &control, sizeof(control));
	if (rc)
		logging_stop(feature->call->device);
	return rc;
}

int logging_stop_feature(const struct feature *feature)
{
	int rc = feature_check(feature, UAPI_VFIO_DEVICE_FEATURE_SET, 0);

	if (rc == 1) {
		logging_stop(feature->call->device);
		rc = 0;
	}
	return rc;
}

/* What is reported is forgotten. */
static int report_pages(struct sim_device *device, const struct bitmap *bitmap, uint64_t length)
{
	struct logging *logging = device->logging;
	uint64_t from = bitmap->iova, last = bitmap->iova + (length - 1);
	struct node *node;

	if (!logging || !length)
		return 0;
	for (; (node = tree_find(&logging->pages, from, last)); from = node->last + 1) {
		uint64_t start = node->start < bitmap->iova ? bitmap->iova : node->start;

		if (bitmap_set(bitmap, start, node->last < last ? node->last : last))
			return -EFAULT;
		if (node->last >= last)
			break;
	}
	forget_pages(logging, bitmap->iova, last);
	return 0;
}

int logging_report_feature(const struct feature *feature)
{
	struct uapi_vfio_device_feature_dma_logging_report arg;
	struct sim_device *device = feature->call->device;
	struct bitmap bitmap;
	int rc = feature_check(feature, UAPI_VFIO_DEVICE_FEATURE_GET, sizeof(arg));

	if (rc != 1)
		return rc;
	if (caller_read(feature->call->caller, feature->data, &arg, sizeof(arg)))
		return -EFAULT;
	if (arg.page_size < LEAST_PAGE || arg.page_size & (arg.page_size - 1))
		return -EINVAL;
	if (arg.iova + arg.length < arg.iova)
		return -EOVERFLOW;
	bitmap = (struct bitmap){ feature->call->caller, arg.bitmap, arg.iova, arg.page_size };
	lock(&device->sim->iova);
	rc = report_pages(device, &bitmap, arg.length);
	unlock(&device->sim->iova);
	return rc;
}

static void note_page(struct logging *logging, uint64_t page)
{
	struct node *node;

	if (!ranges_overlap(&logging->ranges, page, page + (LEAST_PAGE - 1)) ||
	    tree_find(&logging->pages, page, page))
		return;
	node = malloc(sizeof(*node));
	if (!node)
		return;
	node->start = page;
	node->last = page + (LEAST_PAGE - 1);
	tree_insert(&logging->pages, node);
}

void logging_note(struct sim_device *device, uint64_t iova, uint64_t length)
{
	uint64_t first = iova - iova % LEAST_PAGE, last = iova + (length - 1);

	if (!device->logging || !length || last < iova)
		return;
	for (uint64_t left = (last - first) / LEAST_PAGE + 1, page = first; left; left--, page += LEAST_PAGE)
		note_page(device->logging, page);
}

void sim_log_dirty(struct sim_device *device, uint64_t iova, uint64_t length)
{
	lock(&device->sim->iova);
	logging_note(device, iova, length);
	unlock(&device->sim->iova);
}
