/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "calls.h"

#include <stdlib.h>
#include <string.h>

#include "uapi/iommufd.h"
#include "uapi/vfio.h"
#include "unit.h"

void bench_open(struct bench *bench, const char *kernel)
{
	*bench = (struct bench){ .sim = lab_new(kernel) };
	assert_non_null(bench->sim);
	world_init(&bench->world);
	bench->context = sim_context_open(bench->sim, false);
	bench->fd = world_fd_context(&bench->world, bench->context);
	bench->memory = aligned_alloc(PAGE_SIZE, PAGES * PAGE_SIZE);
	for (int i = 0; i < PAGES * PAGE_SIZE; i++)
		bench->memory[i] = (unsigned char)(i / PAGE_SIZE);
}

void bench_close(struct bench *bench)
{
	for (int i = 0; i < LAB_DEVICES; i++)
		close_device(bench, i);
	sim_context_close(bench->context);
	for (int fd = 0; fd < WORLD_FDS; fd++)
		if (bench->world.open[fd])
			world_close(&bench->world, fd);
	assert_int_equal(bench->world.pins, 0);
	assert_int_equal(bench->world.space.pinned_pages, 0);
	assert_int_equal(bench->world.space.charged_pages, 0);
	assert_int_equal(bench->world.space.refs, 1);
	assert_int_equal(sim_user_pages(bench->sim, bench->world.limits.uid), 0);
	sim_free(bench->sim);
	free(bench->memory);
}

long on_iommufd(struct bench *bench, unsigned long request, void *arg)
{
	return sim_iommufd_ioctl(bench->context, request, (uintptr_t)arg, &bench->world.caller);
}

/* It is opened by the first call. */
long on_cdev(struct bench *bench, int device, unsigned long request, void *arg)
{
	if (!bench->cdevs[device])
		assert_int_equal(sim_cdev_open(device_of(bench, device), &bench->cdevs[device]), 0);
	return sim_cdev_ioctl(bench->cdevs[device], request, (uintptr_t)arg, &bench->world.caller);
}

struct sim_device *device_of(struct bench *bench, int device)
{
	return sim_device_find(bench->sim, lab_devices[device].address);
}

long new_ioas(struct bench *bench)
{
	struct uapi_iommu_ioas_alloc arg = { .size = sizeof(arg) };
	long rc = on_iommufd(bench, UAPI_IOMMU_IOAS_ALLOC, &arg);

	return rc ? rc : arg.out_ioas_id;
}

long new_hwpt(struct bench *bench, uint32_t dev_id, uint32_t pt_id, uint32_t flags)
{
	struct uapi_iommu_hwpt_alloc arg = {
		.size = sizeof(arg), .dev_id = dev_id, .pt_id = pt_id, .flags = flags
	};
	long rc = on_iommufd(bench, UAPI_IOMMU_HWPT_ALLOC, &arg);

	return rc ? rc : arg.out_hwpt_id;
}

long bind_device(struct bench *bench, int device)
{
	struct uapi_vfio_device_bind_iommufd arg = { .argsz = 16, .iommufd = bench->fd };
	long rc = on_cdev(bench, device, UAPI_VFIO_DEVICE_BIND_IOMMUFD, &arg);

	return rc ? rc : arg.out_devid;
}

long attach_device(struct bench *bench, int device, uint32_t pt_id)
{
	struct uapi_vfio_device_attach_iommufd_pt arg = { .argsz = 12, .pt_id = pt_id };
	long rc = on_cdev(bench, device, UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, &arg);

	return rc ? rc : arg.pt_id;
}

long detach_device(struct bench *bench, int device)
{
	struct uapi_vfio_device_detach_iommufd_pt arg = { .argsz = 8 };

	return on_cdev(bench, device, UAPI_VFIO_DEVICE_DETACH_IOMMUFD_PT, &arg);
}

void close_device(struct bench *bench, int device)
{
	if (bench->cdevs[device])
		sim_cdev_close(bench->cdevs[device]);
	bench->cdevs[device] = NULL;
}

long destroy(struct bench *bench, uint32_t id)
{
	struct uapi_iommu_destroy arg = { sizeof(arg), id };

	return on_iommufd(bench, UAPI_IOMMU_DESTROY, &arg);
}

static long map(struct bench *bench, uint32_t ioas, int page, int n, uint32_t flags, uint64_t iova)
{
	struct uapi_iommu_ioas_map arg = { .size = sizeof(arg), .flags = flags, .ioas_id = ioas, .iova = iova,
					   .user_va = (uintptr_t)(bench->memory + page * PAGE_SIZE),
					   .length = (uint64_t)n * PAGE_SIZE };
	long rc = on_iommufd(bench, UAPI_IOMMU_IOAS_MAP, &arg);

	return rc ? rc : (long)arg.iova;
}

long map_fixed(struct bench *bench, uint32_t ioas, int page, int n, uint64_t iova)
{
	long rc = map(bench, ioas, page, n, FIXED | R | W, iova);

	return rc < 0 ? rc : 0;
}

long map_anywhere(struct bench *bench, uint32_t ioas, int page, int n)
{
	return map(bench, ioas, page, n, R | W, 0);
}

long unmap(struct bench *bench, uint32_t ioas, uint64_t iova, uint64_t length)
{
	struct uapi_iommu_ioas_unmap arg = { sizeof(arg), ioas, iova, length };
	long rc = on_iommufd(bench, UAPI_IOMMU_IOAS_UNMAP, &arg);

	return rc ? rc : (long)arg.length;
}

long copy_ioas(struct bench *bench, uint32_t to, uint64_t to_iova, uint32_t from, uint64_t from_iova,
	       uint64_t length)
{
	struct uapi_iommu_ioas_copy arg = { .size = sizeof(arg), .flags = FIXED | R | W, .dst_ioas_id = to,
					    .src_ioas_id = from, .length = length, .dst_iova = to_iova,
					    .src_iova = from_iova };

	return on_iommufd(bench, UAPI_IOMMU_IOAS_COPY, &arg);
}
