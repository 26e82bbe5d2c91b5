/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cdev.h"

#include <errno.h>
#include <stdlib.h>

#include "access.h"
#include "attach.h"
#include "dma-buf.h"
#include "feature.h"
#include "irqs.h"
#include "logging.h"
#include "migration.h"
#include "reset.h"
#include "uapi/vfio.h"
#include "vfio-info.h"

int sim_cdev_open(struct sim_device *device, struct sim_cdev **cdev)
{
	int rc = -ENODEV;

	lock(&device->sim->ioctls);
	*cdev = NULL;
	if (device->driver == SIM_DRIVER_VFIO) {
		*cdev = calloc(1, sizeof(**cdev));
		rc = *cdev ? 0 : -ENOMEM;
	}
	if (!rc) {
		(*cdev)->device = device;
		device->n_open++;
	}
	unlock(&device->sim->ioctls);
	return rc;
}

bool sim_cdev_is_bound(const struct sim_cdev *cdev)
{
	return cdev->context;
}

struct sim_device *sim_cdev_device(const struct sim_cdev *cdev)
{
	return cdev->device;
}

/* --- bind -------------------------------------------------------------------------------------------- */

/* The access of an emulated device is made here, before there is an IOAS that it could be attached to. */
static int bind_object(struct sim_device *device, struct sim_context *context, uint32_t *id)
{
	const struct sim_device_description *description = device->description;
	int rc;

	if (!is_physical(device)) {
		device->access = access_create(context, description->ops ? description->ops->unmap : NULL,
					       description->data);
		if (!device->access)
			return -ENOMEM;
		*id = device->access->object.id;
		return 0;
	}
	rc = device_bind(device, context);
	if (!rc)
		*id = device->idev->object.id;
	return rc;
}

static void unbind_object(struct sim_device *device)
{
	struct access *access = device->access;

	if (is_physical(device)) {
		device_unbind(device);
		return;
	}
	access_destroy(access);
	lock(&device->sim->iova);
	device->access = NULL;
	unlock(&device->sim->iova);
}

static void close_device(struct sim_device *device)
{
	const struct sim_device_ops *ops = device->description->ops;

	if (ops && ops->close)
		ops->close(device->description->data);
	migration_close(device);
	irqs_close(device);
	logging_stop(device);
	dma_bufs_close(device);
	low_power_end(device);
}

static int open_device(struct sim_device *device, struct sim_context *context, uint32_t *id)
{
	const struct sim_device_ops *ops = device->description->ops;
	int rc = bind_object(device, context, id);

	if (rc || !ops || !ops->open)
		return rc;
	rc = ops->open(device->description->data);
	if (rc)
		unbind_object(device);
	return rc;
}

/* Before 6.17 what is longer than the first struct is not looked at. */
static int read_bind(struct vfio_call *call, struct uapi_vfio_device_bind_iommufd *bind)
{
	const size_t min_len = offsetof(struct uapi_vfio_device_bind_iommufd, token_uuid_ptr);
	uint32_t flags = 0;
	int rc;

	if (call->device->sim->version->bind_token) {
		rc = caller_read(call->caller, call->address, &bind->argsz, sizeof(bind->argsz));
		if (!rc && bind->argsz < min_len)
			rc = -EINVAL;
		if (!rc)
			rc = caller_read_struct(call->caller, call->address, bind->argsz, bind,
						sizeof(*bind));
		flags = UAPI_VFIO_DEVICE_BIND_FLAG_TOKEN;
	} else {
		rc = caller_read(call->caller, call->address, bind, min_len);
	}
	if (rc)
		return rc;
	return bind->argsz < min_len || bind->flags & ~flags || bind->iommufd < 0 ? -EINVAL : 0;
}

/* No device here is a virtual function, nor has some: a token is one too many. */
static int check_token(struct vfio_call *call, const struct uapi_vfio_device_bind_iommufd *bind)
{
	unsigned char uuid[16];

	if (!(bind->flags & UAPI_VFIO_DEVICE_BIND_FLAG_TOKEN))
		return 0;
	if (is_physical(call->device) && caller_read(call->caller, bind->token_uuid_ptr, uuid, sizeof(uuid)))
		return -EFAULT;
	return -EINVAL;
}

static int context_of_fd(struct vfio_call *call, int fd, struct sim_context **context)
{
	struct sim_fd what = { 0 };
	int rc = call->caller->ops->fd(call->caller, fd, SIM_FD_CONTEXT, &what);

	if (rc)
		return rc;
	*context = what.kind == SIM_FD_CONTEXT ? what.context : NULL;
	return *context ? 0 : -EBADFD;
}

static int bind(struct sim_cdev *cdev, struct vfio_call *call)
{
	const uint64_t out = call->address + offsetof(struct uapi_vfio_device_bind_iommufd, out_devid);
	struct uapi_vfio_device_bind_iommufd arg = { 0 };
	struct sim_device *device = cdev->device;
	struct sim_context *context;
	uint32_t id;
	int rc = read_bind(call, &arg);

	if (!rc && cdev->context)
		rc = -EINVAL;
	if (!rc)
		rc = check_token(call, &arg);
	if (!rc)
		rc = context_of_fd(call, arg.iommufd, &context);
	if (!rc && device->bound)
		rc = -EINVAL;
	if (!rc)
		rc = open_device(device, context, &id);
	if (rc)
		return rc;
	rc = caller_write(call->caller, out, &id, sizeof(id));
	if (rc) {
		close_device(device);
		unbind_object(device);
		return rc;
	}
	device->bound = cdev;
	cdev->context = context;
	context_get(context);
	return 0;
}

static void detach(struct sim_device *device)
{
	if (!device->attached)
		return;
	if (is_physical(device))
		device_detach(device->idev, NO_PASID);
	else
		access_detach(device->access);
	device->attached = false;
}

static size_t find_pasid(const struct sim_device *device, uint32_t pasid)
{
	size_t at = 0;

	while (at < device->n_pasids && device->pasids[at] != pasid)
		at++;
	return at;
}

static int attach_pasid(struct sim_device *device, uint32_t pasid, uint32_t *pt_id)
{
	uint32_t *pasids;
	int rc;

	if (find_pasid(device, pasid) < device->n_pasids)
		return device_replace(device->idev, pasid, pt_id);
	/* Those that are in use are noted, before it is asked whether there is such a one. */
	if (pasid > INT32_MAX)
		return -ENOSPC;
	pasids = realloc(device->pasids, (device->n_pasids + 1) * sizeof(*pasids));
	if (!pasids)
		return -ENOMEM;
	device->pasids = pasids;
	rc = device_attach(device->idev, pasid, pt_id);
	if (!rc)
		pasids[device->n_pasids++] = pasid;
	return rc;
}

static void detach_pasid(struct sim_device *device, uint32_t pasid)
{
	size_t at = find_pasid(device, pasid);

	if (at == device->n_pasids)
		return;
	device->pasids[at] = device->pasids[--device->n_pasids];
	device_detach(device->idev, pasid);
}

/* Unbinds it from each state: its driver closes it, it is detached, and then its object goes. */
void sim_cdev_close(struct sim_cdev *cdev)
{
	struct sim_device *device = cdev->device;
	struct sim *sim = device->sim;

	lock(&sim->ioctls);
	if (cdev->context) {
		close_device(device);
		while (device->n_pasids)
			detach_pasid(device, device->pasids[0]);
		detach(device);
		unbind_object(device);
		context_put(cdev->context);
		device->bound = NULL;
	}
	device->n_open--;
	free(cdev);
	unlock(&sim->ioctls);
}

/* --- attach ------------------------------------------------------------------------------------------ */

/* The length of a struct that ends with a PASID where flags say so: -EINVAL, -EOPNOTSUPP, -EFAULT. */
static int read_with_pasid(struct vfio_call *call, void *arg, size_t min_len, size_t len, bool *has_pasid)
{
	const uint32_t *head = arg; /* argsz, flags */
	const struct sim_device *device = call->device;

	if (caller_read(call->caller, call->address, arg, min_len))
		return -EFAULT;
	if (head[0] < min_len || head[1] & ~(device->sim->version->pasid ? UAPI_VFIO_DEVICE_ATTACH_PASID : 0))
		return -EINVAL;
	*has_pasid = head[1] & UAPI_VFIO_DEVICE_ATTACH_PASID;
	if (!*has_pasid)
		return 0;
	if (!is_physical(device))
		return -EOPNOTSUPP;
	if (head[0] < len)
		return -EINVAL;
	return caller_read(call->caller, call->address + min_len, (char *)arg + min_len, len - min_len);
}

static int attach_device(struct sim_device *device, uint32_t *pt_id)
{
	int rc;

	if (is_physical(device))
		rc = device->attached ? device_replace(device->idev, NO_PASID, pt_id) :
					device_attach(device->idev, NO_PASID, pt_id);
	else
		rc = device->attached ? access_replace(device->access, *pt_id) :
					access_attach(device->access, *pt_id);
	if (!rc)
		device->attached = true;
	return rc;
}

static int attach_ioctl(struct vfio_call *call)
{
	struct uapi_vfio_device_attach_iommufd_pt arg = { 0 };
	struct sim_device *device = call->device;
	const size_t at = offsetof(struct uapi_vfio_device_attach_iommufd_pt, pt_id);
	bool has_pasid;
	int rc = read_with_pasid(call, &arg, at + sizeof(arg.pt_id), sizeof(arg), &has_pasid);

	if (rc)
		return rc;
	rc = has_pasid ? attach_pasid(device, arg.pasid, &arg.pt_id) : attach_device(device, &arg.pt_id);
	if (rc)
		return rc;
	rc = caller_write(call->caller, call->address + at, &arg.pt_id, sizeof(arg.pt_id));
	if (rc && has_pasid)
		detach_pasid(device, arg.pasid);
	else if (rc)
		detach(device);
	return rc;
}

static int detach_ioctl(struct vfio_call *call)
{
	struct uapi_vfio_device_detach_iommufd_pt arg = { 0 };
	const size_t min_len = offsetof(struct uapi_vfio_device_detach_iommufd_pt, pasid);
	bool has_pasid;
	int rc = read_with_pasid(call, &arg, min_len, sizeof(arg), &has_pasid);

	if (rc)
		return rc;
	if (has_pasid)
		detach_pasid(call->device, arg.pasid);
	else
		detach(call->device);
	return 0;
}

/* --- ioctls ------------------------------------------------------------------------------------------ */

static long vfio_ioctl(struct vfio_call *call, unsigned long request)
{
	bool physical = is_physical(call->device);

	switch (request) {
	case UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT:
		return attach_ioctl(call);
	case UAPI_VFIO_DEVICE_DETACH_IOMMUFD_PT:
		return detach_ioctl(call);
	case UAPI_VFIO_DEVICE_FEATURE:
		return feature_ioctl(call);
	case UAPI_VFIO_DEVICE_GET_INFO:
		return info_ioctl(call);
	case UAPI_VFIO_DEVICE_GET_REGION_INFO:
		return region_info_ioctl(call);
	case UAPI_VFIO_DEVICE_GET_IRQ_INFO:
		return irq_info_ioctl(call);
	case UAPI_VFIO_DEVICE_SET_IRQS:
		return set_irqs_ioctl(call);
	case UAPI_VFIO_DEVICE_RESET:
		return reset_ioctl(call);
	case UAPI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO:
		return physical ? hot_reset_info_ioctl(call) : -ENOTTY;
	case UAPI_VFIO_DEVICE_PCI_HOT_RESET:
		return physical ? hot_reset_ioctl(call) : -ENOTTY;
	default:
		return -ENOTTY;
	}
}

long sim_cdev_ioctl(struct sim_cdev *cdev, unsigned long request, uint64_t arg, struct sim_caller *caller)
{
	struct vfio_call call = { cdev->device, caller, arg };
	struct sim *sim = cdev->device->sim;
	long rc;

	request = (uint32_t)request;
	lock(&sim->ioctls);
	if (request == UAPI_VFIO_DEVICE_BIND_IOMMUFD)
		rc = bind(cdev, &call);
	else
		rc = cdev->context ? vfio_ioctl(&call, request) : -EINVAL;
	unlock(&sim->ioctls);
	return rc;
}
