/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "uapi/iommufd.h"
#include "uapi/vfio.h"

enum { PAGE = 4096, HIGHEST_FD = 128 };

struct fake_kernel kernel;

void kernel_reset(void)
{
	kernel = (struct fake_kernel){ .n_ranges = 2 };
}

void kernel_add(const char *node, enum iommufd_device_kind kind, int group)
{
	kernel.devices[kernel.n_devices++] = (struct fake_device){ node, kind, group, 0, 0 };
}

size_t kernel_objects(void)
{
	size_t n = 0;

	for (size_t id = 1; id < FAKE_OBJECTS; id++)
		n += kernel.objects[id].type != FAKE_FREE;
	return n;
}

size_t kernel_mappings(void)
{
	size_t n = 0;

	for (size_t i = 0; i < FAKE_MAPPINGS; i++)
		n += kernel.mappings[i].ioas != 0;
	return n;
}

/* --- what an fd is ------------------------------------------------------------------------------ */

static bool file_of(int fd, char *path, size_t len)
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, len - 1);
	path[n < 0 ? 0 : n] = '\0';
	return n >= 0;
}

static bool is_iommufd(int fd)
{
	char path[PATH_MAX];
	const char *name = file_of(fd, path, sizeof(path)) ? strrchr(path, '/') : NULL;

	return name && strcmp(name, "/iommu") == 0;
}

static struct fake_device *device_of(int fd)
{
	char path[PATH_MAX];

	if (!file_of(fd, path, sizeof(path)))
		return NULL;
	for (size_t i = 0; i < kernel.n_devices; i++)
		if (strcmp(kernel.devices[i].node, path) == 0)
			return &kernel.devices[i];
	return NULL;
}

/* O_APPEND marks the open file that a device was bound through; it goes when the last copy is closed. */
static bool is_marked(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && flags & O_APPEND;
}

static bool is_bound(const struct fake_device *device)
{
	for (int fd = 0; fd < HIGHEST_FD; fd++)
		if (is_marked(fd) && device_of(fd) == device)
			return true;
	return false;
}

/* --- objects ------------------------------------------------------------------------------------ */

static uint32_t object_new(enum fake_type type, uint32_t ioas)
{
	uint32_t id = 1;

	while (kernel.objects[id].type != FAKE_FREE)
		id++;
	kernel.objects[id].type = type;
	kernel.objects[id].ioas = ioas;
	return id;
}

static bool is_type(uint32_t id, enum fake_type type)
{
	return id < FAKE_OBJECTS && kernel.objects[id].type == type && type != FAKE_FREE;
}

static bool is_used(uint32_t id)
{
	for (size_t i = 0; i < kernel.n_devices; i++)
		if (kernel.devices[i].pt == id)
			return true;
	for (uint32_t at = 1; at < FAKE_OBJECTS; at++)
		if (is_type(at, FAKE_HWPT) && kernel.objects[at].ioas == id)
			return true;
	return false;
}

/* The HWPTs here are all of the kernel's own making: they go with their last device. */
static void leave(struct fake_device *device)
{
	uint32_t pt = device->pt;

	device->pt = 0;
	if (is_type(pt, FAKE_HWPT) && !is_used(pt))
		kernel.objects[pt].type = FAKE_FREE;
}

/* Closing a cdev cannot be seen, only that it is closed. */
static void reap(void)
{
	for (size_t i = 0; i < kernel.n_devices; i++) {
		struct fake_device *device = &kernel.devices[i];

		if (!device->id || is_bound(device))
			continue;
		leave(device);
		kernel.objects[device->id].type = FAKE_FREE;
		device->id = 0;
	}
}

static int destroy(uint32_t id)
{
	if (id >= FAKE_OBJECTS || kernel.objects[id].type == FAKE_FREE)
		return ENOENT;
	if (is_type(id, FAKE_DEVICE) || is_used(id))
		return EBUSY;
	kernel.objects[id].type = FAKE_FREE;
	for (size_t i = 0; i < FAKE_MAPPINGS; i++)
		if (kernel.mappings[i].ioas == id)
			kernel.mappings[i].ioas = 0;
	return 0;
}

/* --- an IOAS ------------------------------------------------------------------------------------- */

static int ranges(struct uapi_iommu_ioas_iova_ranges *arg)
{
	struct uapi_iommu_iova_range *to = (void *)(uintptr_t)arg->allowed_iovas;
	uint32_t cap = arg->num_iovas;

	if (!is_type(arg->ioas_id, FAKE_IOAS))
		return ENOENT;
	for (uint32_t i = 0; i < cap && i < kernel.n_ranges; i++)
		to[i] = (struct uapi_iommu_iova_range){ i * 0x100000ull, i * 0x100000ull + 0xfffff };
	arg->num_iovas = (uint32_t)kernel.n_ranges;
	arg->out_iova_alignment = PAGE;
	return cap < kernel.n_ranges ? EMSGSIZE : 0;
}

static bool overlaps(const struct fake_mapping *old, const struct fake_mapping *new)
{
	return old->ioas == new->ioas && old->iova < new->iova + new->length &&
	       new->iova < old->iova + old->length;
}

static int map(struct fake_mapping new, uint64_t *iova)
{
	struct fake_mapping *free_slot = NULL;
	uint64_t end = PAGE;

	if (!is_type(new.ioas, FAKE_IOAS))
		return ENOENT;
	for (size_t i = 0; i < FAKE_MAPPINGS; i++) {
		struct fake_mapping *old = &kernel.mappings[i];

		free_slot = !old->ioas && !free_slot ? old : free_slot;
		if (old->ioas == new.ioas && old->iova + old->length > end)
			end = old->iova + old->length;
	}
	new.iova = new.flags & UAPI_IOAS_MAP_FIXED_IOVA ? *iova : end;
	if (!new.length || (new.iova | new.length) % PAGE)
		return EINVAL;
	for (size_t i = 0; i < FAKE_MAPPINGS; i++)
		if (overlaps(&kernel.mappings[i], &new))
			return EEXIST;
	*iova = new.iova;
	*free_slot = new;
	return 0;
}

static int unmap(struct uapi_iommu_ioas_unmap *arg)
{
	struct fake_mapping range = { arg->ioas_id, arg->iova, arg->length, 0 };
	uint64_t done = 0;

	if (!is_type(arg->ioas_id, FAKE_IOAS))
		return ENOENT;
	if (!arg->length)
		return EINVAL;
	for (size_t i = 0; i < FAKE_MAPPINGS; i++) {
		struct fake_mapping *old = &kernel.mappings[i];

		if (!overlaps(old, &range))
			continue;
		if (old->iova < arg->iova || old->iova + old->length > arg->iova + arg->length)
			return ENOENT;
		done += old->length;
		old->ioas = 0;
	}
	arg->length = done;
	return 0;
}

static int get_option(struct uapi_iommu_option *arg)
{
	if (arg->option_id == IOMMUFD_HUGE_PAGES && !is_type(arg->object_id, FAKE_IOAS))
		return ENOENT;
	if (arg->op == UAPI_IOMMU_OPTION_GET)
		arg->val64 = arg->option_id == IOMMUFD_HUGE_PAGES;
	return 0;
}

static int on_iommufd(unsigned long request, void *arg)
{
	struct uapi_iommu_ioas_map *here = arg;
	struct uapi_iommu_ioas_map_file *file = arg;

	switch (request) {
	case UAPI_IOMMU_DESTROY:
		return destroy(((struct uapi_iommu_destroy *)arg)->id);
	case UAPI_IOMMU_IOAS_ALLOC:
		((struct uapi_iommu_ioas_alloc *)arg)->out_ioas_id = object_new(FAKE_IOAS, 0);
		return 0;
	case UAPI_IOMMU_IOAS_IOVA_RANGES:
		return ranges(arg);
	case UAPI_IOMMU_IOAS_MAP:
		return map((struct fake_mapping){ here->ioas_id, 0, here->length, here->flags },
			   &here->iova);
	case UAPI_IOMMU_IOAS_MAP_FILE:
		if (kernel.no_map_file)
			return ENOTTY;
		return map((struct fake_mapping){ file->ioas_id, 0, file->length, file->flags },
			   &file->iova);
	case UAPI_IOMMU_IOAS_UNMAP:
		return unmap(arg);
	case UAPI_IOMMU_OPTION:
		return get_option(arg);
	default:
		return kernel.more ? kernel.more(request, arg) : ENOTTY;
	}
}

/* --- a cdev -------------------------------------------------------------------------------------- */

static int bind_device(int fd, struct fake_device *device, struct uapi_vfio_device_bind_iommufd *arg)
{
	if (device->id)
		return EINVAL;
	if (fcntl(arg->iommufd, F_GETFD) < 0)
		return EBADF;
	if (!is_iommufd(arg->iommufd))
		return EBADFD;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_APPEND);
	device->id = object_new(FAKE_DEVICE, 0);
	arg->out_devid = device->id;
	return 0;
}

static uint32_t hwpt_of(uint32_t ioas)
{
	for (uint32_t id = 1; id < FAKE_OBJECTS; id++)
		if (is_type(id, FAKE_HWPT) && kernel.objects[id].ioas == ioas)
			return id;
	return object_new(FAKE_HWPT, ioas);
}

static bool is_sibling(const struct fake_device *a, const struct fake_device *b)
{
	return a == b || (a->kind == IOMMUFD_PHYSICAL && b->kind == IOMMUFD_PHYSICAL && a->group == b->group);
}

/* A device that moves takes its group along; one that comes new has to go where its group is. */
static int attach_physical(struct fake_device *device, uint32_t *pt)
{
	uint32_t to = is_type(*pt, FAKE_IOAS) ? hwpt_of(*pt) : *pt;
	bool moves = device->pt != 0;

	for (size_t i = 0; i < kernel.n_devices && !moves; i++)
		if (is_sibling(device, &kernel.devices[i]) && kernel.devices[i].pt &&
		    kernel.devices[i].pt != to)
			return EINVAL;
	for (size_t i = 0; i < kernel.n_devices; i++) {
		struct fake_device *other = &kernel.devices[i];
		uint32_t from = other->pt;

		if (other != device && !(is_sibling(device, other) && from))
			continue;
		other->pt = to;
		if (from != to && is_type(from, FAKE_HWPT) && !is_used(from))
			kernel.objects[from].type = FAKE_FREE;
	}
	*pt = to;
	return 0;
}

static int attach(struct fake_device *device, uint32_t *pt)
{
	if (*pt >= FAKE_OBJECTS || kernel.objects[*pt].type == FAKE_FREE)
		return ENOENT;
	if (device->kind == IOMMUFD_PHYSICAL)
		return is_type(*pt, FAKE_DEVICE) ? EINVAL : attach_physical(device, pt);
	if (!is_type(*pt, FAKE_IOAS))
		return ENOENT;
	device->pt = *pt;
	return 0;
}

static int on_cdev(int fd, struct fake_device *device, unsigned long request, void *arg)
{
	int rc;

	if (request == UAPI_VFIO_DEVICE_BIND_IOMMUFD)
		return bind_device(fd, device, arg);
	if (!is_marked(fd) || !device->id)
		return EINVAL;
	if (kernel.more && (rc = kernel.more(request, arg)) != ENOTTY)
		return rc;
	switch (request) {
	case UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT:
		return attach(device, &((struct uapi_vfio_device_attach_iommufd_pt *)arg)->pt_id);
	case UAPI_VFIO_DEVICE_DETACH_IOMMUFD_PT:
		leave(device);
		return 0;
	default:
		return ENOTTY;
	}
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct fake_device *device = device_of(fd);
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	kernel.calls++;
	kernel.last = request;
	reap();
	if (fcntl(fd, F_GETFD) < 0)
		errno = EBADF;
	else if (request == kernel.refused && !(kernel.spared && kernel.spared--))
		errno = kernel.error;
	else if (device)
		errno = on_cdev(fd, device, request, arg);
	else
		errno = is_iommufd(fd) ? on_iommufd(request, arg) : ENOTTY;
	return errno ? -1 : 0;
}
