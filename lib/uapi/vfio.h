/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of the VFIO device cdev interface that concerns iommufd. Never installed. */
#ifndef IOMMUFDCTL_UAPI_VFIO_H
#define IOMMUFDCTL_UAPI_VFIO_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "iommufd.h"

#define UAPI_VFIO_DEVICE_GET_INFO UAPI_IO(107)
#define UAPI_VFIO_DEVICE_GET_REGION_INFO UAPI_IO(108)
#define UAPI_VFIO_DEVICE_GET_IRQ_INFO UAPI_IO(109)
#define UAPI_VFIO_DEVICE_SET_IRQS UAPI_IO(110)
#define UAPI_VFIO_DEVICE_RESET UAPI_IO(111)
#define UAPI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO UAPI_IO(112)
#define UAPI_VFIO_DEVICE_PCI_HOT_RESET UAPI_IO(113)
#define UAPI_VFIO_DEVICE_FEATURE UAPI_IO(117)
#define UAPI_VFIO_DEVICE_BIND_IOMMUFD UAPI_IO(118)
#define UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT UAPI_IO(119)
#define UAPI_VFIO_DEVICE_DETACH_IOMMUFD_PT UAPI_IO(120)
#define UAPI_VFIO_MIG_GET_PRECOPY_INFO UAPI_IO(121)

/* A link of the chain behind an answer; next counts from the answer's start, 0 ends it. */
struct uapi_vfio_info_cap_header {
	uint16_t id;
	uint16_t version;
	uint32_t next;
};
static_assert(sizeof(struct uapi_vfio_info_cap_header) == 8, "ABI");

#define UAPI_VFIO_DEVICE_FLAGS_RESET (1U << 0)
#define UAPI_VFIO_DEVICE_FLAGS_PCI (1U << 1)
#define UAPI_VFIO_DEVICE_FLAGS_PLATFORM (1U << 2)
#define UAPI_VFIO_DEVICE_FLAGS_AMBA (1U << 3)
#define UAPI_VFIO_DEVICE_FLAGS_CCW (1U << 4)
#define UAPI_VFIO_DEVICE_FLAGS_AP (1U << 5)
#define UAPI_VFIO_DEVICE_FLAGS_FSL_MC (1U << 6)
#define UAPI_VFIO_DEVICE_FLAGS_CAPS (1U << 7)
#define UAPI_VFIO_DEVICE_FLAGS_CDX (1U << 8)

#define UAPI_VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP 5

struct uapi_vfio_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
	uint32_t cap_offset;
	uint32_t pad;
};
static_assert(sizeof(struct uapi_vfio_device_info) == 24, "ABI");

#define UAPI_VFIO_REGION_INFO_FLAG_READ (1U << 0)
#define UAPI_VFIO_REGION_INFO_FLAG_WRITE (1U << 1)
#define UAPI_VFIO_REGION_INFO_FLAG_MMAP (1U << 2)
#define UAPI_VFIO_REGION_INFO_FLAG_CAPS (1U << 3)

#define UAPI_VFIO_REGION_INFO_CAP_SPARSE_MMAP 1
#define UAPI_VFIO_REGION_INFO_CAP_TYPE 2
#define UAPI_VFIO_REGION_INFO_CAP_MSIX_MAPPABLE 3

struct uapi_vfio_region_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t cap_offset;
	uint64_t size;
	uint64_t offset;
};
static_assert(sizeof(struct uapi_vfio_region_info) == 32, "ABI");
static_assert(offsetof(struct uapi_vfio_region_info, offset) == 24, "ABI");

struct uapi_vfio_region_sparse_mmap_area {
	uint64_t offset;
	uint64_t size;
};
static_assert(sizeof(struct uapi_vfio_region_sparse_mmap_area) == 16, "ABI");

/* nr_areas of the above follow. */
struct uapi_vfio_region_info_cap_sparse_mmap {
	struct uapi_vfio_info_cap_header header;
	uint32_t nr_areas;
	uint32_t reserved;
};
static_assert(sizeof(struct uapi_vfio_region_info_cap_sparse_mmap) == 16, "ABI");

#define UAPI_VFIO_IRQ_INFO_EVENTFD (1U << 0)
#define UAPI_VFIO_IRQ_INFO_MASKABLE (1U << 1)
#define UAPI_VFIO_IRQ_INFO_AUTOMASKED (1U << 2)
#define UAPI_VFIO_IRQ_INFO_NORESIZE (1U << 3)

struct uapi_vfio_irq_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
};
static_assert(sizeof(struct uapi_vfio_irq_info) == 16, "ABI");

#define UAPI_VFIO_PCI_REQ_IRQ_INDEX 4

#define UAPI_VFIO_IRQ_SET_DATA_EVENTFD (1U << 2)
#define UAPI_VFIO_IRQ_SET_ACTION_TRIGGER (1U << 5)

/* count of what flags says follow; of eventfds an int32_t, -1 for none. */
struct uapi_vfio_irq_set {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
};
static_assert(sizeof(struct uapi_vfio_irq_set) == 20, "ABI");

struct uapi_vfio_pci_dependent_device {
	uint32_t devid; /* without UAPI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID: the group */
	uint16_t segment;
	uint8_t bus;
	uint8_t devfn;
};
static_assert(sizeof(struct uapi_vfio_pci_dependent_device) == 8, "ABI");

#define UAPI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID (1U << 0)
#define UAPI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED (1U << 1)
#define UAPI_VFIO_PCI_DEVID_OWNED 0
#define UAPI_VFIO_PCI_DEVID_NOT_OWNED (-1)

/* count of the above follow. */
struct uapi_vfio_pci_hot_reset_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t count;
};
static_assert(sizeof(struct uapi_vfio_pci_hot_reset_info) == 12, "ABI");

/* count fds of groups follow: none from a cdev. */
struct uapi_vfio_pci_hot_reset {
	uint32_t argsz;
	uint32_t flags;
	uint32_t count;
};
static_assert(sizeof(struct uapi_vfio_pci_hot_reset) == 12, "ABI");

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

#define UAPI_VFIO_DEVICE_FEATURE_MASK 0xffffU
#define UAPI_VFIO_DEVICE_FEATURE_GET (1U << 16)
#define UAPI_VFIO_DEVICE_FEATURE_SET (1U << 17)
#define UAPI_VFIO_DEVICE_FEATURE_PROBE (1U << 18)

#define UAPI_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN 0
#define UAPI_VFIO_DEVICE_FEATURE_MIGRATION 1
#define UAPI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE 2
#define UAPI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY 3
#define UAPI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP 4
#define UAPI_VFIO_DEVICE_FEATURE_LOW_POWER_EXIT 5
#define UAPI_VFIO_DEVICE_FEATURE_DMA_LOGGING_START 6
#define UAPI_VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP 7
#define UAPI_VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT 8
#define UAPI_VFIO_DEVICE_FEATURE_MIG_DATA_SIZE 9
#define UAPI_VFIO_DEVICE_FEATURE_BUS_MASTER 10
#define UAPI_VFIO_DEVICE_FEATURE_DMA_BUF 11
#define UAPI_VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2 12
#define UAPI_VFIO_DEVICE_FEATURE_ZPCI_ERROR 13

/* The data of the feature, one of the structs below, follows. */
struct uapi_vfio_device_feature {
	uint32_t argsz;
	uint32_t flags;
};
static_assert(sizeof(struct uapi_vfio_device_feature) == 8, "ABI");

#define UAPI_VFIO_MIGRATION_STOP_COPY (1U << 0)
#define UAPI_VFIO_MIGRATION_P2P (1U << 1)
#define UAPI_VFIO_MIGRATION_PRE_COPY (1U << 2)

struct uapi_vfio_device_feature_migration {
	uint64_t flags;
};
static_assert(sizeof(struct uapi_vfio_device_feature_migration) == 8, "ABI");

#define UAPI_VFIO_DEVICE_STATE_ERROR 0
#define UAPI_VFIO_DEVICE_STATE_STOP 1
#define UAPI_VFIO_DEVICE_STATE_RUNNING 2
#define UAPI_VFIO_DEVICE_STATE_STOP_COPY 3
#define UAPI_VFIO_DEVICE_STATE_RESUMING 4
#define UAPI_VFIO_DEVICE_STATE_RUNNING_P2P 5
#define UAPI_VFIO_DEVICE_STATE_PRE_COPY 6
#define UAPI_VFIO_DEVICE_STATE_PRE_COPY_P2P 7

struct uapi_vfio_device_feature_mig_state {
	uint32_t device_state;
	int32_t data_fd;
};
static_assert(sizeof(struct uapi_vfio_device_feature_mig_state) == 8, "ABI");

struct uapi_vfio_device_low_power_entry_with_wakeup {
	int32_t wakeup_eventfd;
	uint32_t reserved;
};
static_assert(sizeof(struct uapi_vfio_device_low_power_entry_with_wakeup) == 8, "ABI");

struct uapi_vfio_device_feature_dma_logging_control {
	uint64_t page_size;
	uint32_t num_ranges;
	uint32_t reserved;
	uint64_t ranges; /* address of an array of the next */
};
static_assert(sizeof(struct uapi_vfio_device_feature_dma_logging_control) == 24, "ABI");
static_assert(offsetof(struct uapi_vfio_device_feature_dma_logging_control, ranges) == 16, "ABI");

struct uapi_vfio_device_feature_dma_logging_range {
	uint64_t iova;
	uint64_t length;
};
static_assert(sizeof(struct uapi_vfio_device_feature_dma_logging_range) == 16, "ABI");

struct uapi_vfio_device_feature_dma_logging_report {
	uint64_t iova;
	uint64_t length;
	uint64_t page_size;
	uint64_t bitmap; /* address of it */
};
static_assert(sizeof(struct uapi_vfio_device_feature_dma_logging_report) == 32, "ABI");
static_assert(offsetof(struct uapi_vfio_device_feature_dma_logging_report, bitmap) == 24, "ABI");

struct uapi_vfio_device_feature_mig_data_size {
	uint64_t stop_copy_length;
};
static_assert(sizeof(struct uapi_vfio_device_feature_mig_data_size) == 8, "ABI");

/* nr_ranges of the next follow. */
struct uapi_vfio_device_feature_dma_buf {
	uint32_t region_index;
	uint32_t open_flags;
	uint32_t flags;
	uint32_t nr_ranges;
};
static_assert(sizeof(struct uapi_vfio_device_feature_dma_buf) == 16, "ABI");

struct uapi_vfio_region_dma_range {
	uint64_t offset;
	uint64_t length;
};
static_assert(sizeof(struct uapi_vfio_region_dma_range) == 16, "ABI");

/* Of the fd of a migration, not of the device. */
struct uapi_vfio_precopy_info {
	uint32_t argsz;
	uint32_t flags;
	uint64_t initial_bytes;
	uint64_t dirty_bytes;
};
static_assert(sizeof(struct uapi_vfio_precopy_info) == 24, "ABI");
static_assert(offsetof(struct uapi_vfio_precopy_info, dirty_bytes) == 16, "ABI");

#endif
