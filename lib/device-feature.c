/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Features of devices: one ioctl, with other data for each. */
#include "internal.h"
#include "uapi/vfio.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define SAME(ours, theirs) \
	static_assert((int)IOMMUFD_FEATURE_##ours == UAPI_VFIO_DEVICE_FEATURE_##theirs, "ABI")
SAME(PCI_VF_TOKEN, PCI_VF_TOKEN);
SAME(MIGRATION, MIGRATION);
SAME(MIGRATION_STATE, MIG_DEVICE_STATE);
SAME(LOW_POWER_ENTRY, LOW_POWER_ENTRY);
SAME(LOW_POWER_WAKEUP, LOW_POWER_ENTRY_WITH_WAKEUP);
SAME(LOW_POWER_EXIT, LOW_POWER_EXIT);
SAME(DMA_LOGGING_START, DMA_LOGGING_START);
SAME(DMA_LOGGING_STOP, DMA_LOGGING_STOP);
SAME(DMA_LOGGING_REPORT, DMA_LOGGING_REPORT);
SAME(MIGRATION_DATA_SIZE, MIG_DATA_SIZE);
SAME(BUS_MASTER, BUS_MASTER);
SAME(DMA_BUF, DMA_BUF);
SAME(MIGRATION_PRECOPY_V2, MIG_PRECOPY_INFOv2);
SAME(ZPCI_ERROR, ZPCI_ERROR);
static_assert(sizeof(struct iommufd_span) == sizeof(struct uapi_vfio_device_feature_dma_logging_range), "ABI");
static_assert(sizeof(struct iommufd_span) == sizeof(struct uapi_vfio_region_dma_range), "ABI");

API int iommufd_device_feature_probe(int cdev, enum iommufd_feature feature, unsigned int access)
{
	struct uapi_vfio_device_feature arg = {
		.argsz = sizeof(arg),
		.flags = UAPI_VFIO_DEVICE_FEATURE_PROBE |
			 ((uint32_t)feature & UAPI_VFIO_DEVICE_FEATURE_MASK) |
			 (access & IOMMUFD_FEATURE_GET ? UAPI_VFIO_DEVICE_FEATURE_GET : 0) |
			 (access & IOMMUFD_FEATURE_SET ? UAPI_VFIO_DEVICE_FEATURE_SET : 0),
	};
	struct iommufd_device_caps caps;
	int rc = do_ioctl(IOMMUFD_OP_FEATURE_PROBE, cdev, &arg);

	if (rc == 0)
		return 1;
	/* ENOTTY and EOPNOTSUPP: no such feature; EINVAL: not this access to it, or not bound, or no cdev. */
	if (rc != -ENOTTY && rc != -EOPNOTSUPP && rc != -EINVAL)
		return rc;
	return iommufd_device_caps(cdev, &caps);
}

/* A feature without data. */
static int set_feature(enum iommufd_op op, int cdev, uint32_t flags)
{
	struct uapi_vfio_device_feature arg = { .argsz = sizeof(arg), .flags = flags };

	return do_ioctl(op, cdev, &arg);
}

API int iommufd_device_dma_logging_start(int cdev, const struct iommufd_span *ranges, size_t n,
					 uint64_t *page_size)
{
	struct {
		struct uapi_vfio_device_feature head;
		struct uapi_vfio_device_feature_dma_logging_control control;
	} arg = {
		.head = { sizeof(arg), FEATURE_SET(DMA_LOGGING_START) },
		.control = {
			.page_size = *page_size,
			.num_ranges = (uint32_t)n,
			.ranges = (uintptr_t)ranges,
		},
	};

	if (n > UINT32_MAX)
		return set_errno(E2BIG);
	return ioctl_u64(IOMMUFD_OP_DMA_LOGGING_START, cdev, &arg, &arg.control.page_size, page_size);
}

API int iommufd_device_dma_logging_stop(int cdev)
{
	return set_feature(IOMMUFD_OP_DMA_LOGGING_STOP, cdev, FEATURE_SET(DMA_LOGGING_STOP));
}

API int iommufd_device_dma_logging_report(int cdev, uint64_t iova, uint64_t length, uint64_t page_size,
					  uint64_t *bitmap)
{
	struct {
		struct uapi_vfio_device_feature head;
		struct uapi_vfio_device_feature_dma_logging_report report;
	} arg = {
		.head = { sizeof(arg), FEATURE_GET(DMA_LOGGING_REPORT) },
		.report = { iova, length, page_size, (uintptr_t)bitmap },
	};

	return do_ioctl(IOMMUFD_OP_DMA_LOGGING_REPORT, cdev, &arg);
}

API int iommufd_device_low_power_entry(int cdev, int eventfd)
{
	struct {
		struct uapi_vfio_device_feature head;
		struct uapi_vfio_device_low_power_entry_with_wakeup entry;
	} arg = {
		.head = { sizeof(arg), FEATURE_SET(LOW_POWER_ENTRY_WITH_WAKEUP) },
		.entry = { .wakeup_eventfd = eventfd },
	};

	if (eventfd < 0)
		return set_feature(IOMMUFD_OP_LOW_POWER_ENTRY, cdev, FEATURE_SET(LOW_POWER_ENTRY));
	return do_ioctl(IOMMUFD_OP_LOW_POWER_WAKEUP, cdev, &arg);
}

API int iommufd_device_low_power_exit(int cdev)
{
	return set_feature(IOMMUFD_OP_LOW_POWER_EXIT, cdev, FEATURE_SET(LOW_POWER_EXIT));
}

API int iommufd_device_dma_buf(int cdev, uint32_t region, const struct iommufd_span *spans, size_t n,
			       int *ret_fd)
{
	struct dma_buf_arg {
		struct uapi_vfio_device_feature head;
		struct uapi_vfio_device_feature_dma_buf buf;
		struct uapi_vfio_region_dma_range ranges[];
	} *arg;
	const size_t most = 4096; /* the kernel adds their lengths up, so there is no use in many */
	const size_t size = sizeof(*arg) + n * sizeof(*arg->ranges);
	int rc;

	if (n > most)
		return set_errno(E2BIG);
	arg = calloc(1, size);
	if (!arg)
		return set_errno(ENOMEM);
	arg->head = (struct uapi_vfio_device_feature){ (uint32_t)size, FEATURE_GET(DMA_BUF) };
	arg->buf = (struct uapi_vfio_device_feature_dma_buf){ region, O_RDWR | O_CLOEXEC, 0, (uint32_t)n };
	if (n)
		memcpy(arg->ranges, spans, n * sizeof(*spans));
	rc = do_ioctl(IOMMUFD_OP_DMA_BUF, cdev, arg);
	free(arg);
	return rc < 0 ? set_errno(-rc) : lift_fd(rc, ret_fd);
}
