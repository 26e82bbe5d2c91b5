/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An iommufd for machines without one, to be preloaded: IOASes get the lowest free id as in the kernel, and
 * each ioctl costs a system call. For figures only: it checks next to nothing.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uapi/iommufd.h"

__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...);

enum { IDS = 1 << 20 };

static bool used[IDS];
static uint32_t lowest = 1; /* no free id is below */
static uint64_t next_iova = 1 << 20;

static int refuse(int error)
{
	errno = error;
	return -1;
}

static int alloc(struct uapi_iommu_ioas_alloc *arg)
{
	while (lowest < IDS && used[lowest])
		lowest++;
	if (lowest == IDS)
		return refuse(ENOMEM);
	used[lowest] = true;
	arg->out_ioas_id = lowest;
	return 0;
}

static bool exists(uint32_t id)
{
	return id < IDS && used[id];
}

static int destroy(const struct uapi_iommu_destroy *arg)
{
	if (!exists(arg->id))
		return refuse(ENOENT);
	used[arg->id] = false;
	if (arg->id < lowest)
		lowest = arg->id;
	return 0;
}

static int ranges(struct uapi_iommu_ioas_iova_ranges *arg)
{
	struct uapi_iommu_iova_range *range = (void *)(uintptr_t)arg->allowed_iovas;

	if (!exists(arg->ioas_id))
		return refuse(ENOENT);
	if (arg->num_iovas)
		*range = (struct uapi_iommu_iova_range){ 0, UINT64_MAX };
	arg->num_iovas = 1;
	arg->out_iova_alignment = 4096;
	return 0;
}

static int map(uint32_t ioas, uint32_t flags, uint64_t length, uint64_t *iova)
{
	if (!exists(ioas))
		return refuse(ENOENT);
	if (!(flags & UAPI_IOAS_MAP_FIXED_IOVA)) {
		*iova = next_iova;
		next_iova += length;
	}
	return 0;
}

static int map_file(struct uapi_iommu_ioas_map_file *arg)
{
	return map(arg->ioas_id, arg->flags, arg->length, &arg->iova);
}

/* Each mapping is taken to be there, and as long as it is said to be. */
static int unmap(const struct uapi_iommu_ioas_unmap *arg)
{
	return exists(arg->ioas_id) ? 0 : refuse(ENOENT);
}

static int option(struct uapi_iommu_option *arg)
{
	arg->val64 = 0;
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;
	long rc;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	rc = syscall(SYS_ioctl, fd, request, arg);
	if (rc >= 0 || errno != ENOTTY)
		return (int)rc;
	switch (request) {
	case UAPI_IOMMU_IOAS_ALLOC: return alloc(arg);
	case UAPI_IOMMU_DESTROY: return destroy(arg);
	case UAPI_IOMMU_IOAS_IOVA_RANGES: return ranges(arg);
	case UAPI_IOMMU_IOAS_MAP_FILE: return map_file(arg);
	case UAPI_IOMMU_IOAS_UNMAP: return unmap(arg);
	case UAPI_IOMMU_OPTION: return option(arg);
	default: return refuse(ENOTTY);
	}
}
