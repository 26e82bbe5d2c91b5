/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dma-buf.h"

#include <errno.h>
#include <stdlib.h>

#include "file.h"

enum { ROM = 6, MOST_RANGES = 4096 };

/* Lives as long as its file is open or it is mapped. */
struct dma_buf {
	struct sim_file file;
	struct sim_device *device;
	unsigned int refs;
	bool revoked; /* nothing can be mapped of it now */
	bool closed;  /* nor ever again: its device was closed */
	TAILQ_HEAD(, view) views;
	uint32_t region;
	uint64_t size;
	TAILQ_ENTRY(dma_buf) next;
	uint32_t n;
	struct uapi_vfio_region_dma_range ranges[];
};

/* What one mapping has of it. Once it is revoked it stays so. */
struct view {
	struct sim_backing backing;
	struct dma_buf *buf;
	bool revoked;
	TAILQ_ENTRY(view) next;
};

static void put_buf(struct dma_buf *buf)
{
	if (--buf->refs)
		return;
	TAILQ_REMOVE(&buf->device->dma_bufs, buf, next);
	free(buf);
}

/* --- its memory ------------------------------------------------------------------------------------- */

static struct view *of_backing(struct sim_backing *backing)
{
	return (struct view *)backing; /* its first member */
}

static int transfer(struct sim_backing *backing, uint64_t offset, void *bytes, size_t len, bool write)
{
	const struct view *view = of_backing(backing);
	const struct dma_buf *buf = view->buf;
	const struct sim_device_ops *ops = buf->device->description->ops;

	if (view->revoked || !ops || !ops->region)
		return -EFAULT;
	return ops->region(buf->device->description->data, buf->region, buf->ranges[0].offset + offset, bytes,
			   len, write);
}

static int buf_read(struct sim_backing *backing, uint64_t offset, void *to, size_t len)
{
	return transfer(backing, offset, to, len, false);
}

static int buf_write(struct sim_backing *backing, uint64_t offset, const void *from, size_t len)
{
	return transfer(backing, offset, (void *)(uintptr_t)from, len, true);
}

static void view_free(struct sim_backing *backing)
{
	struct view *view = of_backing(backing);

	TAILQ_REMOVE(&view->buf->views, view, next);
	put_buf(view->buf);
	free(view);
}

static const struct sim_backing_ops backing_ops = { .read = buf_read, .write = buf_write, .free = view_free };

/* --- its file ---------------------------------------------------------------------------------------- */

static struct dma_buf *of_file(struct sim_file *file)
{
	return (struct dma_buf *)((char *)file - offsetof(struct dma_buf, file));
}

static void buf_close(struct sim_file *file)
{
	struct dma_buf *buf = of_file(file);
	struct sim *sim = buf->device->sim;

	lock(&sim->ioctls);
	lock(&sim->iova);
	put_buf(buf);
	unlock(&sim->iova);
	unlock(&sim->ioctls);
}

static uint64_t buf_size(const struct sim_file *file)
{
	return ((const struct dma_buf *)((const char *)file - offsetof(struct dma_buf, file)))->size;
}

static const struct file_ops file_ops = { .size = buf_size, .close = buf_close };

static void revoke_bufs(struct sim_device *device, bool closed)
{
	struct dma_buf *buf;
	struct view *view;

	lock(&device->sim->iova);
	TAILQ_FOREACH(buf, &device->dma_bufs, next) {
		buf->revoked = true;
		buf->closed |= closed;
		TAILQ_FOREACH(view, &buf->views, next)
			view->revoked = true;
	}
	unlock(&device->sim->iova);
}

void dma_bufs_revoke(struct sim_device *device)
{
	revoke_bufs(device, false);
}

void dma_bufs_close(struct sim_device *device)
{
	revoke_bufs(device, true);
}

void dma_bufs_renew(struct sim_device *device)
{
	struct dma_buf *buf;

	TAILQ_FOREACH(buf, &device->dma_bufs, next)
		buf->revoked = buf->closed;
}

int dma_buf_backing(struct sim_file *file, uint64_t start, uint64_t length, struct sim_backing **backing)
{
	struct dma_buf *buf = of_file(file);
	struct view *view;

	if (!length || start + length < start || start + length > buf->size || buf->n != 1)
		return -EINVAL;
	if (buf->revoked)
		return -ENODEV;
	view = malloc(sizeof(*view));
	if (!view)
		return -ENOMEM;
	*view = (struct view){ { .ops = &backing_ops, .refs = 1 }, buf, false };
	buf->refs++;
	TAILQ_INSERT_TAIL(&buf->views, view, next);
	*backing = &view->backing;
	return 0;
}

/* --- the feature ------------------------------------------------------------------------------------- */

static int check_ranges(struct dma_buf *buf)
{
	const struct sim_region_description *region = &buf->device->description->regions[buf->region];

	if (!(region->flags & SIM_REGION_MMAP))
		return -ENODEV;
	for (uint32_t i = 0; i < buf->n; i++) {
		const struct uapi_vfio_region_dma_range *range = &buf->ranges[i];

		if (!range->length || (range->offset | range->length) % PAGE ||
		    range->offset + range->length < range->offset ||
		    range->offset + range->length > region->size)
			return -EINVAL;
		buf->size += range->length;
	}
	return 0;
}

static int new_buf(const struct feature *feature, const struct uapi_vfio_device_feature_dma_buf *arg,
		   struct dma_buf **to)
{
	struct dma_buf *buf = calloc(1, sizeof(*buf) + arg->nr_ranges * sizeof(buf->ranges[0]));
	int rc;

	if (!buf)
		return -ENOMEM;
	buf->refs = 1;
	TAILQ_INIT(&buf->views);
	buf->file = (struct sim_file){ .kind = SIM_FILE_DMABUF, .ops = &file_ops };
	buf->device = feature->call->device;
	buf->region = arg->region_index;
	buf->n = arg->nr_ranges;
	rc = caller_read(feature->call->caller, feature->data + sizeof(*arg), buf->ranges,
			 buf->n * sizeof(buf->ranges[0]));
	if (!rc)
		rc = check_ranges(buf);
	if (rc)
		free(buf);
	else
		*to = buf;
	return rc;
}

int dma_buf_get(const struct feature *feature)
{
	struct sim_device *device = feature->call->device;
	struct uapi_vfio_device_feature_dma_buf arg;
	struct dma_buf *buf;
	int rc = feature_check(feature, UAPI_VFIO_DEVICE_FEATURE_GET, sizeof(arg));

	if (rc != 1)
		return rc;
	if (caller_read(feature->call->caller, feature->data, &arg, sizeof(arg)))
		return -EFAULT;
	if (!arg.nr_ranges || arg.flags || arg.nr_ranges > MOST_RANGES)
		return -EINVAL;
	if (arg.region_index >= ROM)
		return -ENODEV;
	rc = new_buf(feature, &arg, &buf);
	if (rc)
		return rc;
	rc = feature->call->caller->ops->install(feature->call->caller, &buf->file);
	if (rc < 0) {
		free(buf);
		return rc;
	}
	TAILQ_INSERT_TAIL(&device->dma_bufs, buf, next);
	return rc;
}
