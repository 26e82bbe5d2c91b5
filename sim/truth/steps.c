// SPDX-License-Identifier: GPL-2.0-or-later
#include "steps.h"

#include <stdio.h>
#include <string.h>

#include "tests/lab.h"
#include "uapi/vfio.h"

enum { PAGE_SIZE = 4096 };

uint32_t pick(struct steps *steps, uint32_t n)
{
	steps->seed ^= steps->seed << 13;
	steps->seed ^= steps->seed >> 17;
	steps->seed ^= steps->seed << 5;
	return (uint32_t)((uint64_t)steps->seed * n >> 32);
}

/* Few places, so that mappings meet; around what is reserved, and at both ends. */
uint64_t pick_iova(struct steps *steps)
{
	static const uint64_t bases[] = { 0, 0x1000, 0x10000, 0x100000, 0xfee00000, 0xfedff000, 0xfef00000,
					  0xfffffffffffff000, 0x1000000000000, 0xffffffff0000 };
	uint64_t base = pick(steps, 4) ? bases[1 + pick(steps, 3)] : pick_of(steps, bases);

	base += (uint64_t)pick(steps, 8) * PAGE_SIZE;
	return pick(steps, 16) ? base : base + pick(steps, PAGE_SIZE);
}

uint64_t pick_length(struct steps *steps)
{
	static const uint64_t odd[] = { 0,	   1, 0x800, 0x1001, 0x200000, UINT64_MAX, UINT64_MAX - 4095,
					1ull << 63 };

	return pick(steps, 12) ? (uint64_t)(1 + pick(steps, 4)) * PAGE_SIZE : pick_of(steps, odd);
}

uint32_t pick_id(struct steps *steps)
{
	return pick(steps, 24) ? 1 + pick(steps, 6) : pick(steps, 2) ? pick(steps, 20) : 0x7fffffff;
}

uint32_t mostly(struct steps *steps, uint32_t value)
{
	return pick(steps, 24) ? value : 1u << pick(steps, 32);
}

void keep_file(struct steps *steps, long fd)
{
	uint32_t at = pick(steps, SIDE_FILES);

	if (fd < 0)
		return;
	if (steps->files[at])
		steps->side->ops->close_file(steps->side, (int)at);
	steps->side->ops->keep(steps->side, (int)at, (int)fd);
	steps->files[at] = true;
}

static void open_or_close_context(struct steps *steps, int context)
{
	const struct side_ops *ops = steps->side->ops;

	printf("%lu context %d %s\n", steps->n, context, steps->contexts[context] ? "close" : "open");
	if (steps->contexts[context])
		ops->context_close(steps->side, context);
	else if (!ops->context_open(steps->side, context))
		printf("%lu failed\n", steps->n);
	steps->contexts[context] = !steps->contexts[context];
}

static void open_or_close_cdev(struct steps *steps, int device, int open)
{
	const struct side_ops *ops = steps->side->ops;
	bool *is_open = &steps->cdevs[device][open];
	long rc = 0;

	/*
	 * mtty keeps the state of a migration beyond the close, but not the stream that it needs for the next
	 * one.
	 */
	if (*is_open && device == LAB_MTTY)
		ops->cdev_ioctl(steps->side, device, open, UAPI_VFIO_DEVICE_RESET, NULL);
	if (*is_open)
		ops->cdev_close(steps->side, device, open);
	else
		rc = ops->cdev_open(steps->side, device, open);
	printf("%lu cdev %d.%d %s = %ld\n", steps->n, device, open, *is_open ? "close" : "open", rc);
	*is_open = !*is_open && rc == 0;
}

static void use_file(struct steps *steps, int file)
{
	unsigned char bytes[64] = { 0 };

	if (!steps->files[file])
		return;
	if (pick(steps, 2)) {
		long rc = steps->side->ops->read_file(steps->side, file, bytes, pick(steps, sizeof(bytes)));

		printf("%lu file %d read = %ld\n", steps->n, file, rc);
		return;
	}
	steps->side->ops->close_file(steps->side, file);
	steps->files[file] = false;
	printf("%lu file %d close\n", steps->n, file);
}

static void choose(struct steps *steps, uint32_t kind)
{
	int context = (int)pick(steps, 8) ? 0 : 1;
	int device = (int)pick(steps, SIDE_DEVICES), open = pick(steps, 6) ? 0 : 1;

	if (kind < 60) {
		if (!steps->contexts[context])
			open_or_close_context(steps, context);
		else
			step_iommufd(steps, context);
	} else if (kind < 96) {
		if (!steps->cdevs[device][open])
			open_or_close_cdev(steps, device, open);
		else
			step_cdev(steps, device, open);
	} else if (kind == 96 && !pick(steps, 3)) {
		open_or_close_context(steps, context);
	} else if (kind < 99) {
		open_or_close_cdev(steps, device, open);
	} else {
		use_file(steps, (int)pick(steps, SIDE_FILES));
	}
}

void step(struct steps *steps)
{
	choose(steps, pick(steps, 100));
	steps->n++;
}

/* An mdev remembers that somebody asked for its info. */
static void ask_info(struct steps *steps, int device)
{
	const struct side_ops *ops = steps->side->ops;
	struct uapi_vfio_device_bind_iommufd bind = { .argsz = sizeof(bind) };
	struct uapi_vfio_device_info info = { .argsz = sizeof(info) };

	ops->context_open(steps->side, 0);
	ops->cdev_open(steps->side, device, 0);
	bind.iommufd = ops->fd(steps->side, FD_CONTEXT, 0);
	ops->cdev_ioctl(steps->side, device, 0, UAPI_VFIO_DEVICE_BIND_IOMMUFD, &bind);
	ops->cdev_ioctl(steps->side, device, 0, UAPI_VFIO_DEVICE_GET_INFO, &info);
	ops->cdev_close(steps->side, device, 0);
	ops->context_close(steps->side, 0);
}

void steps_begin(struct steps *steps)
{
	ask_info(steps, LAB_MTTY);
	ask_info(steps, LAB_MDPY);
}

void steps_end(struct steps *steps)
{
	for (int i = 0; i < SIDE_FILES; i++)
		if (steps->files[i])
			steps->side->ops->close_file(steps->side, i);
	for (int i = 0; i < SIDE_DEVICES * SIDE_OPENS; i++)
		if (steps->cdevs[i / SIDE_OPENS][i % SIDE_OPENS])
			open_or_close_cdev(steps, i / SIDE_OPENS, i % SIDE_OPENS);
	for (int i = 0; i < SIDE_CONTEXTS; i++)
		if (steps->contexts[i])
			steps->side->ops->context_close(steps->side, i);
}
