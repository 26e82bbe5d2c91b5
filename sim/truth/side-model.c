// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "side.h"
#include "tests/lab.h"
#include "tests/world.h"

enum { EDU_BUFFER = 4096, EDU_BITS = 28, PAGE_SIZE = 4096 };

struct model {
	struct side side;
	struct sim *sim;
	struct world world;
	struct sim_context *contexts[SIDE_CONTEXTS];
	int context_fds[SIDE_CONTEXTS];
	struct sim_cdev *cdevs[SIDE_DEVICES][SIDE_OPENS];
	struct world_memory memfds[SIDE_MEMFDS];
	int memfd_fds[SIDE_MEMFDS];
	struct world_event event;
	int event_fd, other_fd;
	int files[SIDE_FILES];
	unsigned char edu[SIDE_DEVICES][EDU_BUFFER];
};

static struct model *model_of(struct side *side)
{
	return (struct model *)side; /* its first member */
}

static bool model_context_open(struct side *side, int context)
{
	struct model *model = model_of(side);

	model->contexts[context] = sim_context_open(model->sim, false);
	model->context_fds[context] = world_fd_context(&model->world, model->contexts[context]);
	return true;
}

static void model_context_close(struct side *side, int context)
{
	struct model *model = model_of(side);

	world_close(&model->world, model->context_fds[context]);
	sim_context_close(model->contexts[context]);
}

static long model_context_ioctl(struct side *side, int context, unsigned long request, void *arg)
{
	struct model *model = model_of(side);

	return sim_iommufd_ioctl(model->contexts[context], request, (uintptr_t)arg, &model->world.caller);
}

static long model_cdev_open(struct side *side, int device, int open)
{
	struct model *model = model_of(side);

	return sim_cdev_open(sim_device_find(model->sim, lab_devices[device].address),
			     &model->cdevs[device][open]);
}

static void model_cdev_close(struct side *side, int device, int open)
{
	sim_cdev_close(model_of(side)->cdevs[device][open]);
}

static long model_cdev_ioctl(struct side *side, int device, int open, unsigned long request, void *arg)
{
	struct model *model = model_of(side);

	return sim_cdev_ioctl(model->cdevs[device][open], request, (uintptr_t)arg, &model->world.caller);
}

static int model_number_of(struct side *side, enum side_fd what, int which)
{
	struct model *model = model_of(side);

	switch (what) {
	case FD_CONTEXT:
		return model->context_fds[which];
	case FD_MEMFD:
		return model->memfd_fds[which];
	case FD_EVENT:
		return model->event_fd;
	case FD_OTHER:
		return model->other_fd;
	default:
		return WORLD_FDS - 1;
	}
}

static void model_keep(struct side *side, int file, int fd)
{
	model_of(side)->files[file] = fd;
}

static void model_close_file(struct side *side, int file)
{
	world_close(&model_of(side)->world, model_of(side)->files[file]);
}

static long model_read_file(struct side *side, int file, void *to, size_t len)
{
	struct model *model = model_of(side);

	return sim_file_read(world_file(&model->world, model->files[file]), to, len);
}

/* QEMU's edu asks for pages one by one, and reads zeros where the IOMMU lets nothing through. */
static void move(struct sim_device *device, uint64_t iova, unsigned char *bytes, size_t len, bool write)
{
	iova &= (1ul << EDU_BITS) - 1;
	for (size_t here; len; len -= here, iova += here, bytes += here) {
		here = PAGE_SIZE - iova % PAGE_SIZE;
		here = here < len ? here : len;
		if (write)
			sim_dma_write(device, iova, bytes, here);
		else if (sim_dma_read(device, iova, bytes, here))
			memset(bytes, 0, here);
	}
}

static void model_dma(struct side *side, int device, int open, uint64_t from, uint64_t to, size_t len)
{
	struct model *model = model_of(side);
	struct sim_device *edu = sim_cdev_device(model->cdevs[device][open]);

	move(edu, from, model->edu[device], len, false);
	move(edu, to, model->edu[device], len, true);
}

static const struct side_ops ops = {
	.context_open = model_context_open,
	.context_close = model_context_close,
	.context_ioctl = model_context_ioctl,
	.cdev_open = model_cdev_open,
	.cdev_close = model_cdev_close,
	.cdev_ioctl = model_cdev_ioctl,
	.fd = model_number_of,
	.keep = model_keep,
	.close_file = model_close_file,
	.read_file = model_read_file,
	.dma = model_dma,
};

struct side *side_model(const char *kernel, unsigned long memlock)
{
	struct model *model = calloc(1, sizeof(*model));

	if (!model)
		return NULL;
	model->sim = lab_new(kernel);
	if (!model->sim) {
		fprintf(stderr, "truth: no kernel '%s' in the model\n", kernel);
		free(model);
		return NULL;
	}
	model->side.ops = &ops;
	world_init(&model->world);
	model->world.limits.ipc_lock = !memlock;
	model->world.limits.memlock = memlock * PAGE_SIZE;
	for (int i = 0; i < SIDE_MEMFDS; i++) {
		world_memory_init(&model->memfds[i], calloc(1, MEMFD_SIZE), MEMFD_SIZE);
		model->memfd_fds[i] = world_fd_memory(&model->world, &model->memfds[i]);
	}
	world_event_init(&model->event);
	model->event_fd = world_fd_event(&model->world, &model->event);
	model->other_fd = world_fd_other(&model->world);
	return &model->side;
}
