/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The iommufd kernel interface, written down by hand: ioctl numbers and struct layouts only.
 * Never installed. Own names, so that a test can compare it with the kernel's header in one unit.
 */
#ifndef IOMMUFDCTL_UAPI_IOMMUFD_H
#define IOMMUFDCTL_UAPI_IOMMUFD_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* _IO(';', nr): iommufd and VFIO share the type byte and put no size into the number. */
#define UAPI_IO(nr) ((0x3bUL << 8) | (nr))

#define UAPI_IOMMU_DESTROY UAPI_IO(0x80)
#define UAPI_IOMMU_IOAS_ALLOC UAPI_IO(0x81)
#define UAPI_IOMMU_IOAS_ALLOW_IOVAS UAPI_IO(0x82)
#define UAPI_IOMMU_IOAS_COPY UAPI_IO(0x83)
#define UAPI_IOMMU_IOAS_IOVA_RANGES UAPI_IO(0x84)
#define UAPI_IOMMU_IOAS_MAP UAPI_IO(0x85)
#define UAPI_IOMMU_IOAS_UNMAP UAPI_IO(0x86)
#define UAPI_IOMMU_OPTION UAPI_IO(0x87)
#define UAPI_IOMMU_VFIO_IOAS UAPI_IO(0x88)
#define UAPI_IOMMU_HWPT_ALLOC UAPI_IO(0x89)
#define UAPI_IOMMU_GET_HW_INFO UAPI_IO(0x8a)
#define UAPI_IOMMU_HWPT_SET_DIRTY_TRACKING UAPI_IO(0x8b)
#define UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP UAPI_IO(0x8c)
#define UAPI_IOMMU_HWPT_INVALIDATE UAPI_IO(0x8d)
#define UAPI_IOMMU_FAULT_QUEUE_ALLOC UAPI_IO(0x8e)
#define UAPI_IOMMU_IOAS_MAP_FILE UAPI_IO(0x8f)
#define UAPI_IOMMU_VIOMMU_ALLOC UAPI_IO(0x90)
#define UAPI_IOMMU_VDEVICE_ALLOC UAPI_IO(0x91)
#define UAPI_IOMMU_IOAS_CHANGE_PROCESS UAPI_IO(0x92)
#define UAPI_IOMMU_VEVENTQ_ALLOC UAPI_IO(0x93)
#define UAPI_IOMMU_HW_QUEUE_ALLOC UAPI_IO(0x94)
#define UAPI_IOMMU_IOAS_NOIOMMU_GET_PA UAPI_IO(0x95)

struct uapi_iommu_destroy {
	uint32_t size;
	uint32_t id;
};
static_assert(sizeof(struct uapi_iommu_destroy) == 8, "ABI");

struct uapi_iommu_ioas_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t out_ioas_id;
};
static_assert(sizeof(struct uapi_iommu_ioas_alloc) == 12, "ABI");

struct uapi_iommu_iova_range {
	uint64_t start;
	uint64_t last;
};
static_assert(sizeof(struct uapi_iommu_iova_range) == 16, "ABI");

struct uapi_iommu_ioas_iova_ranges {
	uint32_t size;
	uint32_t ioas_id;
	uint32_t num_iovas;
	uint32_t reserved;
	uint64_t allowed_iovas; /* address of an array of uapi_iommu_iova_range */
	uint64_t out_iova_alignment;
};
static_assert(sizeof(struct uapi_iommu_ioas_iova_ranges) == 32, "ABI");
static_assert(offsetof(struct uapi_iommu_ioas_iova_ranges, out_iova_alignment) == 24, "ABI");

struct uapi_iommu_ioas_allow_iovas {
	uint32_t size;
	uint32_t ioas_id;
	uint32_t num_iovas;
	uint32_t reserved;
	uint64_t allowed_iovas; /* address of an array of uapi_iommu_iova_range */
};
static_assert(sizeof(struct uapi_iommu_ioas_allow_iovas) == 24, "ABI");

#define UAPI_IOAS_MAP_FIXED_IOVA (1U << 0)
#define UAPI_IOAS_MAP_WRITEABLE (1U << 1)
#define UAPI_IOAS_MAP_READABLE (1U << 2)

struct uapi_iommu_ioas_map {
	uint32_t size;
	uint32_t flags;
	uint32_t ioas_id;
	uint32_t reserved;
	uint64_t user_va;
	uint64_t length;
	uint64_t iova;
};
static_assert(sizeof(struct uapi_iommu_ioas_map) == 40, "ABI");
static_assert(offsetof(struct uapi_iommu_ioas_map, iova) == 32, "ABI");

struct uapi_iommu_ioas_map_file {
	uint32_t size;
	uint32_t flags;
	uint32_t ioas_id;
	int32_t fd;
	uint64_t start;
	uint64_t length;
	uint64_t iova;
};
static_assert(sizeof(struct uapi_iommu_ioas_map_file) == 40, "ABI");
static_assert(offsetof(struct uapi_iommu_ioas_map_file, iova) == 32, "ABI");

struct uapi_iommu_ioas_copy {
	uint32_t size;
	uint32_t flags; /* UAPI_IOAS_MAP_* */
	uint32_t dst_ioas_id;
	uint32_t src_ioas_id;
	uint64_t length;
	uint64_t dst_iova;
	uint64_t src_iova;
};
static_assert(sizeof(struct uapi_iommu_ioas_copy) == 40, "ABI");
static_assert(offsetof(struct uapi_iommu_ioas_copy, src_iova) == 32, "ABI");

struct uapi_iommu_ioas_unmap {
	uint32_t size;
	uint32_t ioas_id;
	uint64_t iova;
	uint64_t length;
};
static_assert(sizeof(struct uapi_iommu_ioas_unmap) == 24, "ABI");

#define UAPI_IOMMU_OPTION_SET 0
#define UAPI_IOMMU_OPTION_GET 1

struct uapi_iommu_option {
	uint32_t size;
	uint32_t option_id;
	uint16_t op;
	uint16_t reserved;
	uint32_t object_id;
	uint64_t val64;
};
static_assert(sizeof(struct uapi_iommu_option) == 24, "ABI");
static_assert(offsetof(struct uapi_iommu_option, val64) == 16, "ABI");

#define UAPI_IOMMU_VFIO_IOAS_GET 0
#define UAPI_IOMMU_VFIO_IOAS_SET 1
#define UAPI_IOMMU_VFIO_IOAS_CLEAR 2

struct uapi_iommu_vfio_ioas {
	uint32_t size;
	uint32_t ioas_id;
	uint16_t op;
	uint16_t reserved;
};
static_assert(sizeof(struct uapi_iommu_vfio_ioas) == 12, "ABI");

struct uapi_iommu_ioas_change_process {
	uint32_t size;
	uint32_t reserved;
};
static_assert(sizeof(struct uapi_iommu_ioas_change_process) == 8, "ABI");

#define UAPI_IOMMU_HWPT_ALLOC_NEST_PARENT (1U << 0)
#define UAPI_IOMMU_HWPT_ALLOC_DIRTY_TRACKING (1U << 1)
#define UAPI_IOMMU_HWPT_FAULT_ID_VALID (1U << 2)
#define UAPI_IOMMU_HWPT_ALLOC_PASID (1U << 3)

struct uapi_iommu_hwpt_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t dev_id;
	uint32_t pt_id;
	uint32_t out_hwpt_id;
	uint32_t reserved; /* Linux 6.6 ends here */
	uint32_t data_type;
	uint32_t data_len;
	uint64_t data_uptr; /* Linux 6.7 ends here */
	uint32_t fault_id;
	uint32_t reserved2;
};
static_assert(sizeof(struct uapi_iommu_hwpt_alloc) == 48, "ABI");
static_assert(offsetof(struct uapi_iommu_hwpt_alloc, data_type) == 24, "ABI");
static_assert(offsetof(struct uapi_iommu_hwpt_alloc, fault_id) == 40, "ABI");

#define UAPI_IOMMU_HW_INFO_FLAG_INPUT_TYPE (1U << 0)

struct uapi_iommu_hw_info {
	uint32_t size;
	uint32_t flags;
	uint32_t dev_id;
	uint32_t data_len;
	uint64_t data_uptr;
	uint32_t out_data_type; /* with INPUT_TYPE: in as well */
	uint8_t out_max_pasid_log2;
	uint8_t reserved[3];
	uint64_t out_capabilities;
};
static_assert(sizeof(struct uapi_iommu_hw_info) == 40, "ABI");
static_assert(offsetof(struct uapi_iommu_hw_info, out_capabilities) == 32, "ABI");

#define UAPI_IOMMU_HWPT_DIRTY_TRACKING_ENABLE 1U

struct uapi_iommu_hwpt_set_dirty_tracking {
	uint32_t size;
	uint32_t flags;
	uint32_t hwpt_id;
	uint32_t reserved;
};
static_assert(sizeof(struct uapi_iommu_hwpt_set_dirty_tracking) == 16, "ABI");

#define UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR 1U

struct uapi_iommu_hwpt_get_dirty_bitmap {
	uint32_t size;
	uint32_t hwpt_id;
	uint32_t flags;
	uint32_t reserved;
	uint64_t iova;
	uint64_t length;
	uint64_t page_size;
	uint64_t data; /* address of the bitmap */
};
static_assert(sizeof(struct uapi_iommu_hwpt_get_dirty_bitmap) == 48, "ABI");
static_assert(offsetof(struct uapi_iommu_hwpt_get_dirty_bitmap, data) == 40, "ABI");

struct uapi_iommu_hwpt_invalidate {
	uint32_t size;
	uint32_t hwpt_id;
	uint64_t data_uptr;
	uint32_t data_type;
	uint32_t entry_len;
	uint32_t entry_num;
	uint32_t reserved;
};
static_assert(sizeof(struct uapi_iommu_hwpt_invalidate) == 32, "ABI");
static_assert(offsetof(struct uapi_iommu_hwpt_invalidate, entry_num) == 24, "ABI");

struct uapi_iommu_fault_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t out_fault_id;
	uint32_t out_fault_fd;
};
static_assert(sizeof(struct uapi_iommu_fault_alloc) == 16, "ABI");

/* What is read from a fault queue. */
struct uapi_iommu_hwpt_pgfault {
	uint32_t flags;
	uint32_t dev_id;
	uint32_t pasid;
	uint32_t grpid;
	uint32_t perm;
	uint32_t reserved;
	uint64_t addr;
	uint32_t length;
	uint32_t cookie;
};
static_assert(sizeof(struct uapi_iommu_hwpt_pgfault) == 40, "ABI");
static_assert(offsetof(struct uapi_iommu_hwpt_pgfault, cookie) == 36, "ABI");

#define UAPI_IOMMU_PGFAULT_FLAGS_PASID_VALID (1U << 0)
#define UAPI_IOMMU_PGFAULT_FLAGS_LAST_PAGE (1U << 1)
#define UAPI_IOMMU_PGFAULT_PERM_READ (1U << 0)
#define UAPI_IOMMU_PGFAULT_PERM_WRITE (1U << 1)
#define UAPI_IOMMU_PGFAULT_PERM_EXEC (1U << 2)
#define UAPI_IOMMU_PGFAULT_PERM_PRIV (1U << 3)

/* What is written to it. */
struct uapi_iommu_hwpt_page_response {
	uint32_t cookie;
	uint32_t code;
};
static_assert(sizeof(struct uapi_iommu_hwpt_page_response) == 8, "ABI");

struct uapi_iommu_viommu_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t type;
	uint32_t dev_id;
	uint32_t hwpt_id;
	uint32_t out_viommu_id; /* Linux 6.13 ends here */
	uint32_t data_len;
	uint32_t reserved;
	uint64_t data_uptr;
};
static_assert(sizeof(struct uapi_iommu_viommu_alloc) == 40, "ABI");
static_assert(offsetof(struct uapi_iommu_viommu_alloc, data_len) == 24, "ABI");
static_assert(offsetof(struct uapi_iommu_viommu_alloc, data_uptr) == 32, "ABI");

struct uapi_iommu_vdevice_alloc {
	uint32_t size;
	uint32_t viommu_id;
	uint32_t dev_id;
	uint32_t out_vdevice_id;
	uint64_t virt_id;
};
static_assert(sizeof(struct uapi_iommu_vdevice_alloc) == 24, "ABI");
static_assert(offsetof(struct uapi_iommu_vdevice_alloc, virt_id) == 16, "ABI");

struct uapi_iommu_veventq_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t viommu_id;
	uint32_t type;
	uint32_t veventq_depth;
	uint32_t out_veventq_id;
	uint32_t out_veventq_fd;
	uint32_t reserved;
};
static_assert(sizeof(struct uapi_iommu_veventq_alloc) == 32, "ABI");
static_assert(offsetof(struct uapi_iommu_veventq_alloc, out_veventq_fd) == 24, "ABI");

#define UAPI_IOMMU_VEVENTQ_FLAG_LOST_EVENTS (1U << 0)

/* What is read from it, followed by data of the queue's type but where events were lost. */
struct uapi_iommufd_vevent_header {
	uint32_t flags;
	uint32_t sequence;
};
static_assert(sizeof(struct uapi_iommufd_vevent_header) == 8, "ABI");

struct uapi_iommu_hw_queue_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t viommu_id;
	uint32_t type;
	uint32_t index;
	uint32_t out_hw_queue_id;
	uint64_t nesting_parent_iova;
	uint64_t length;
};
static_assert(sizeof(struct uapi_iommu_hw_queue_alloc) == 40, "ABI");
static_assert(offsetof(struct uapi_iommu_hw_queue_alloc, length) == 32, "ABI");

/* Linux 7.3 */
struct uapi_iommu_ioas_noiommu_get_pa {
	uint32_t size;
	uint32_t flags;
	uint32_t ioas_id;
	uint32_t reserved;
	uint64_t iova;
	uint64_t length;
	uint64_t out_phys;
};
static_assert(sizeof(struct uapi_iommu_ioas_noiommu_get_pa) == 40, "ABI");
static_assert(offsetof(struct uapi_iommu_ioas_noiommu_get_pa, out_phys) == 32, "ABI");

#endif
