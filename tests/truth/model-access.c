/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "model-access.h"
#include "uapi/vfio.h"

enum { MAX_ITEMS = 64, MAX_LENGTH = 16 << 20 };

struct item {
	bool used;
	uint32_t id;
	uint64_t iova, length;
};

struct pinner {
	struct sim_device_description description; /* the first: it has to stay */
	struct sim_device_ops ops;
	char address[24];
	struct sim_device *device;
	struct sim_cdev *cdev;
	uint32_t next;
	struct item items[MAX_ITEMS];
};

static void unpin(struct pinner *access, struct item *item)
{
	item->used = false;
	sim_unpin(access->device, item->iova, item->length);
}

/* As the self-test: all that lies in the range, even in part. */
static void unmap(void *data, uint64_t iova, uint64_t length)
{
	struct pinner *access = data;

	for (unsigned int i = 0; i < MAX_ITEMS; i++) {
		struct item *item = &access->items[i];

		if (item->used && item->iova <= iova + length - 1 && iova <= item->iova + item->length - 1)
			unpin(access, item);
	}
}

/* The struct of an ioctl lies where the caller's memory is. */
static long bind(struct pinner *access, struct sim_caller *caller, int context)
{
	struct uapi_vfio_device_bind_iommufd *args = (void *)(uintptr_t)ARGS_AT;

	*args = (struct uapi_vfio_device_bind_iommufd){ .argsz = 16, .iommufd = context };
	return sim_cdev_ioctl(access->cdev, UAPI_VFIO_DEVICE_BIND_IOMMUFD, ARGS_AT, caller);
}

int pinner_attach(struct pinner *access, struct sim_caller *caller, uint32_t ioas)
{
	struct uapi_vfio_device_attach_iommufd_pt *args = (void *)(uintptr_t)ARGS_AT;

	*args = (struct uapi_vfio_device_attach_iommufd_pt){ .argsz = 12, .pt_id = ioas };
	return (int)sim_cdev_ioctl(access->cdev, UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, ARGS_AT, caller);
}

int pinner_open(struct sim *sim, struct sim_caller *caller, int context, uint32_t ioas,
		struct pinner **opened)
{
	struct pinner *access = calloc(1, sizeof(*access));
	int rc;

	if (!access)
		return -ENOMEM;
	snprintf(access->address, sizeof(access->address), "access-%p", (void *)access);
	access->ops.unmap = unmap;
	access->description = (struct sim_device_description){
		.address = access->address,
		.kind = SIM_EMULATED,
		.driver = SIM_DRIVER_VFIO,
		.ops = &access->ops,
		.data = access,
	};
	access->device = sim_device_add(sim, &access->description);
	rc = access->device ? sim_cdev_open(access->device, &access->cdev) : -ENOMEM;
	rc = rc ?: (int)bind(access, caller, context) ?: pinner_attach(access, caller, ioas);
	if (rc && access->cdev)
		sim_cdev_close(access->cdev);
	*opened = access;
	return rc;
}

void pinner_close(struct pinner *access)
{
	unmap(access, 0, UINT64_MAX);
	sim_cdev_close(access->cdev);
}

static struct item *find(struct pinner *access, bool used, uint32_t id)
{
	for (unsigned int i = 0; i < MAX_ITEMS; i++)
		if (access->items[i].used == used && (!used || access->items[i].id == id))
			return &access->items[i];
	return NULL;
}

long pinner_pin(struct pinner *access, uint64_t iova, uint64_t length, bool write)
{
	struct item *item = find(access, false, 0);
	int rc;

	if (length > MAX_LENGTH || !item)
		return -ENOMEM;
	rc = sim_pin(access->device, iova, length, write);
	if (rc)
		return rc;
	*item = (struct item){ .used = true, .id = access->next++, .iova = iova, .length = length };
	return item->id;
}

int pinner_unpin(struct pinner *access, uint32_t id)
{
	struct item *item = find(access, true, id);

	if (!item)
		return -ENOENT;
	unpin(access, item);
	return 0;
}

int pinner_rw(struct pinner *access, uint64_t iova, void *bytes, uint64_t length, bool write)
{
	if (length > MAX_LENGTH)
		return -ENOMEM;
	return write ? sim_dma_write(access->device, iova, bytes, length)
		     : sim_dma_read(access->device, iova, bytes, length);
}
