/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "dma-buf.h"
#include "migration.h"
#include "uapi/vfio.h"

static int reset_device(struct sim_device *device)
{
	const struct sim_device_ops *ops = device->description->ops;

	dma_bufs_revoke(device);
	dma_bufs_renew(device);
	return ops && ops->reset ? ops->reset(device->description->data) : 0;
}

int reset_ioctl(struct vfio_call *call)
{
	const struct sim_device_ops *ops = call->device->description->ops;

	if (is_physical(call->device))
		return call->device->description->flags & UAPI_VFIO_DEVICE_FLAGS_RESET
			       ? reset_device(call->device)
			       : -EINVAL;
	if (!ops || !ops->reset)
		return -ENOTTY;
	migration_reset(call->device);
	return ops->reset(call->device->description->data);
}

/* --- hot reset --------------------------------------------------------------------------------------- */

static bool is_in_set(const struct sim_device *device, const struct sim_device *of)
{
	return is_physical(device) && device->description->reset_set == of->description->reset_set;
}

/* Is it the caller's, by itself or as one of a group that is? */
static bool is_owned(const struct sim_device *device, const struct sim_context *context)
{
	if (device->driver != SIM_DRIVER_VFIO)
		return false;
	return (device->idev && device->idev->object.context == context) ||
	       context_has_group(context, device->group);
}

static uint32_t id_in(const struct sim_device *device, const struct sim_context *context)
{
	if (!is_owned(device, context))
		return (uint32_t)UAPI_VFIO_PCI_DEVID_NOT_OWNED;
	return device->idev ? device->idev->object.id : UAPI_VFIO_PCI_DEVID_OWNED;
}

static void fill(const struct sim_device *device, const struct sim_context *context,
		 struct uapi_vfio_pci_dependent_device *entry)
{
	unsigned int segment = 0, bus = 0, slot = 0, function = 0;

	sscanf(device->description->address, "%x:%x:%x.%x", &segment, &bus, &slot, &function);
	*entry = (struct uapi_vfio_pci_dependent_device){
		.devid = id_in(device, context), .segment = (uint16_t)segment, .bus = (uint8_t)bus,
		.devfn = (uint8_t)(slot << 3 | function),
	};
}

static uint32_t count_set(const struct sim_device *device)
{
	const struct sim_device *other;
	uint32_t n = 0;

	TAILQ_FOREACH(other, &device->sim->devices, next)
		n += is_in_set(other, device);
	return n;
}

/* All of them, and whether all of them are the caller's. */
static int write_set(const struct vfio_call *call, uint32_t *flags)
{
	const struct sim_context *context = call->device->bound->context;
	uint64_t to = call->address + sizeof(struct uapi_vfio_pci_hot_reset_info);
	const struct sim_device *other;

	*flags = UAPI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID | UAPI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED;
	TAILQ_FOREACH(other, &call->device->sim->devices, next) {
		struct uapi_vfio_pci_dependent_device entry;

		if (!is_in_set(other, call->device))
			continue;
		fill(other, context, &entry);
		if (entry.devid == (uint32_t)UAPI_VFIO_PCI_DEVID_NOT_OWNED)
			*flags &= ~UAPI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED;
		if (caller_write(call->caller, to, &entry, sizeof(entry)))
			return -EFAULT;
		to += sizeof(entry);
	}
	return 0;
}

int hot_reset_info_ioctl(struct vfio_call *call)
{
	struct uapi_vfio_pci_hot_reset_info info;
	uint32_t room;
	int rc = -ENOSPC;

	if (caller_read(call->caller, call->address, &info, sizeof(info)))
		return -EFAULT;
	if (info.argsz < sizeof(info))
		return -EINVAL;
	if (!call->device->description->reset_set)
		return -ENODEV;
	info.flags = 0;
	info.count = count_set(call->device);
	room = (info.argsz - sizeof(info)) / sizeof(struct uapi_vfio_pci_dependent_device);
	if (info.count <= room) {
		rc = write_set(call, &info.flags);
		if (rc)
			return rc;
	}
	return caller_write(call->caller, call->address, &info, sizeof(info)) ? -EFAULT : rc;
}

/* Each of them has to be the caller's, and have a driver that stands it. */
static int check_reset_set(const struct sim_device *device)
{
	const struct sim_device *other;

	TAILQ_FOREACH(other, &device->sim->devices, next)
		if (is_in_set(other, device) && !is_owned(other, device->bound->context))
			return -EINVAL;
	return 0;
}

int hot_reset_ioctl(struct vfio_call *call)
{
	const struct sim_device_description *description = call->device->description;
	struct uapi_vfio_pci_hot_reset reset;
	struct sim_device *other;
	int rc;

	if (caller_read(call->caller, call->address, &reset, sizeof(reset)))
		return -EFAULT;
	if (reset.argsz < sizeof(reset) || reset.flags || reset.count)
		return -EINVAL;
	if (!description->reset_set)
		return -ENODEV;
	rc = check_reset_set(call->device);
	if (rc)
		return rc;
	TAILQ_FOREACH(other, &call->device->sim->devices, next)
		if (is_in_set(other, call->device))
			reset_device(other);
	return description->ops && description->ops->hot_reset
		       ? description->ops->hot_reset(description->data)
		       : 0;
}
