/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feature.h"

#include <errno.h>

#include "dma-buf.h"
#include "irq-change.h"
#include "logging.h"
#include "migration.h"

enum {
	GET = UAPI_VFIO_DEVICE_FEATURE_GET,
	SET = UAPI_VFIO_DEVICE_FEATURE_SET,
	PROBE = UAPI_VFIO_DEVICE_FEATURE_PROBE,
};

int feature_check(const struct feature *feature, uint32_t ops, uint32_t min_len)
{
	uint32_t asked = feature->flags & (GET | SET);

	if (asked & ~ops)
		return -EINVAL;
	if (feature->flags & PROBE)
		return 0;
	return !asked || feature->len < min_len ? -EINVAL : 1;
}

/* The device sleeps until it is told to wake up. What it exported does not answer any more. */
static int enter_low_power(struct sim_device *device, struct sim_event *wakeup)
{
	if (device->low_power)
		return -EINVAL;
	device->low_power = true;
	device->wakeup = wakeup;
	dma_bufs_revoke(device);
	return 0;
}

static int low_power_entry(const struct feature *feature)
{
	int rc = feature_check(feature, SET, 0);

	return rc == 1 ? enter_low_power(feature->call->device, NULL) : rc;
}

/* Nothing wakes it here, so the event is never signalled: as with a kernel that has no power management. */
static int low_power_entry_with_wakeup(const struct feature *feature)
{
	struct uapi_vfio_device_low_power_entry_with_wakeup entry;
	struct sim_event *event;
	int rc = feature_check(feature, SET, sizeof(entry));

	if (rc != 1)
		return rc;
	if (caller_read(feature->call->caller, feature->data, &entry, sizeof(entry)))
		return -EFAULT;
	if (entry.wakeup_eventfd < 0)
		return -EINVAL;
	rc = irq_event_of_fd(feature->call, entry.wakeup_eventfd, &event);
	if (rc)
		return rc;
	rc = enter_low_power(feature->call->device, event);
	if (rc)
		event->ops->free(event);
	return rc;
}

void low_power_end(struct sim_device *device)
{
	if (device->wakeup)
		device->wakeup->ops->free(device->wakeup);
	device->wakeup = NULL;
	device->low_power = false;
}

static int low_power_exit(const struct feature *feature)
{
	int rc = feature_check(feature, SET, 0);

	if (rc != 1)
		return rc;
	low_power_end(feature->call->device);
	dma_bufs_renew(feature->call->device);
	return 0;
}

static int migration_feature(const struct feature *feature, uint32_t index)
{
	if (!feature->call->device->description->migration)
		return -ENOTTY;
	switch (index) {
	case UAPI_VFIO_DEVICE_FEATURE_MIGRATION:
		return migration_flags(feature);
	case UAPI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE:
		return migration_state(feature);
	default:
		return migration_size(feature);
	}
}

static int logging_feature(const struct feature *feature, uint32_t index)
{
	if (!feature->call->device->description->dma_logging)
		return -ENOTTY;
	switch (index) {
	case UAPI_VFIO_DEVICE_FEATURE_DMA_LOGGING_START:
		return logging_start_feature(feature);
	case UAPI_VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP:
		return logging_stop_feature(feature);
	default:
		return logging_report_feature(feature);
	}
}

static int dispatch_feature(const struct feature *feature)
{
	const struct sim_device *device = feature->call->device;
	uint32_t index = feature->flags & UAPI_VFIO_DEVICE_FEATURE_MASK;

	switch (index) {
	case UAPI_VFIO_DEVICE_FEATURE_MIGRATION:
	case UAPI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE:
	case UAPI_VFIO_DEVICE_FEATURE_MIG_DATA_SIZE:
		return migration_feature(feature, index);
	case UAPI_VFIO_DEVICE_FEATURE_DMA_LOGGING_START:
	case UAPI_VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP:
	case UAPI_VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT:
		return logging_feature(feature, index);
	case UAPI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY:
		return device->description->low_power ? low_power_entry(feature) : -ENOTTY;
	case UAPI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP:
		return device->description->low_power ? low_power_entry_with_wakeup(feature) : -ENOTTY;
	case UAPI_VFIO_DEVICE_FEATURE_LOW_POWER_EXIT:
		return device->description->low_power ? low_power_exit(feature) : -ENOTTY;
	case UAPI_VFIO_DEVICE_FEATURE_DMA_BUF:
		return device->description->dma_buf && device->sim->version->dma_buf ? dma_buf_get(feature)
										     : -ENOTTY;
	case UAPI_VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2:
		if (!device->sim->version->precopy_info_v2)
			return -ENOTTY;
		if (!(device->description->migration & UAPI_VFIO_MIGRATION_PRE_COPY))
			return -EINVAL;
		return feature_check(feature, SET, 0) < 0 ? -EINVAL : 0;
	default:
		return -ENOTTY;
	}
}

int feature_ioctl(struct vfio_call *call)
{
	struct uapi_vfio_device_feature head;
	struct feature feature = { .call = call };
	uint32_t both = GET | SET;

	if (caller_read(call->caller, call->address, &head, sizeof(head)))
		return -EFAULT;
	if (head.argsz < sizeof(head) || head.flags & ~(UAPI_VFIO_DEVICE_FEATURE_MASK | both | PROBE))
		return -EINVAL;
	if (!(head.flags & PROBE) && (head.flags & both) == both)
		return -EINVAL;
	feature.flags = head.flags;
	feature.data = call->address + sizeof(head);
	feature.len = head.argsz - sizeof(head);
	return dispatch_feature(&feature);
}
