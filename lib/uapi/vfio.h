/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of the VFIO device cdev interface that concerns iommufd. Never installed. */
#ifndef IOMMUFDCTL_UAPI_VFIO_H
#define IOMMUFDCTL_UAPI_VFIO_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "iommufd.h"

#define UAPI_VFIO_DEVICE_GET_INFO UAPI_IO(107)
#define UAPI_VFIO_DEVICE_BIND_IOMMUFD UAPI_IO(118)
#define UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT UAPI_IO(119)
#define UAPI_VFIO_DEVICE_DETACH_IOMMUFD_PT UAPI_IO(120)

struct uapi_vfio_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
	uint32_t cap_offset;
	uint32_t pad;
};
static_assert(sizeof(struct uapi_vfio_device_info) == 24, "ABI");

#define UAPI_VFIO_DEVICE_BIND_FLAG_TOKEN (1U << 0)

struct uapi_vfio_device_bind_iommufd {
	uint32_t argsz;
	uint32_t flags;
	int32_t iommufd;
	uint32_t out_devid; /* Linux 6.6 ends here */
	uint64_t token_uuid_ptr; /* Linux 6.17 */
};
static_assert(sizeof(struct uapi_vfio_device_bind_iommufd) == 24, "ABI");
static_assert(offsetof(struct uapi_vfio_device_bind_iommufd, token_uuid_ptr) == 16, "ABI");

#define UAPI_VFIO_DEVICE_ATTACH_PASID (1U << 0)
#define UAPI_VFIO_DEVICE_DETACH_PASID (1U << 0)

struct uapi_vfio_device_attach_iommufd_pt {
	uint32_t argsz;
	uint32_t flags;
	uint32_t pt_id; /* Linux 6.6 ends here */
	uint32_t pasid; /* Linux 6.15 */
};
static_assert(sizeof(struct uapi_vfio_device_attach_iommufd_pt) == 16, "ABI");
static_assert(offsetof(struct uapi_vfio_device_attach_iommufd_pt, pasid) == 12, "ABI");

struct uapi_vfio_device_detach_iommufd_pt {
	uint32_t argsz;
	uint32_t flags; /* Linux 6.6 ends here */
	uint32_t pasid; /* Linux 6.15 */
};
static_assert(sizeof(struct uapi_vfio_device_detach_iommufd_pt) == 12, "ABI");
static_assert(offsetof(struct uapi_vfio_device_detach_iommufd_pt, pasid) == 8, "ABI");

#endif
