/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of ops: names, kernel releases, ioctl numbers, and the struct members worth showing. */
#include "internal.h"

#include "uapi/iommufd.h"
#include "uapi/vfio.h"

#define FIELD(type, member, flow) \
	{ #member, offsetof(struct type, member), sizeof(((struct type *)0)->member), flow }
#define IN(type, member) FIELD(type, member, FIELD_IN)
#define OUT(type, member) FIELD(type, member, FIELD_OUT)
#define BOTH(type, member) FIELD(type, member, FIELD_BOTH)
#define NO_FIELDS { { "", 0, 0, 0 } }
/* The flags say which feature; its data follows. */
#define FEATURE(name, since, ...) \
	{ name, since, UAPI_VFIO_DEVICE_FEATURE, { IN(uapi_vfio_device_feature, flags), __VA_ARGS__ } }
#define DATA(type, member, flow) \
	{ #member, sizeof(struct uapi_vfio_device_feature) + offsetof(struct type, member), \
	  sizeof(((struct type *)0)->member), flow }

static const struct op ops[OP_COUNT] = {
	[IOMMUFD_OP_OPEN] = { "open", "6.2", 0, NO_FIELDS },
	[IOMMUFD_OP_CHECK] = { "IOMMU_OPTION", "6.2", 0, NO_FIELDS },
	[IOMMUFD_OP_DEVICE_OPEN] = { "open", "6.6", 0, NO_FIELDS },
	[IOMMUFD_OP_LOOKUP] = { "sysfs", "6.6", 0, NO_FIELDS },
	[IOMMUFD_OP_DESTROY] = { "IOMMU_DESTROY", "6.2", UAPI_IOMMU_DESTROY,
		{ IN(uapi_iommu_destroy, id) } },
	[IOMMUFD_OP_OPTION_GET] = { "IOMMU_OPTION", "6.2", UAPI_IOMMU_OPTION,
		{ IN(uapi_iommu_option, option_id), IN(uapi_iommu_option, op),
		  IN(uapi_iommu_option, object_id), OUT(uapi_iommu_option, val64) } },
	[IOMMUFD_OP_OPTION_SET] = { "IOMMU_OPTION", "6.2", UAPI_IOMMU_OPTION,
		{ IN(uapi_iommu_option, option_id), IN(uapi_iommu_option, op),
		  IN(uapi_iommu_option, object_id), IN(uapi_iommu_option, val64) } },
	[IOMMUFD_OP_IOAS_ALLOC] = { "IOMMU_IOAS_ALLOC", "6.2", UAPI_IOMMU_IOAS_ALLOC,
		{ IN(uapi_iommu_ioas_alloc, flags), OUT(uapi_iommu_ioas_alloc, out_ioas_id) } },
	[IOMMUFD_OP_IOAS_RANGES] = { "IOMMU_IOAS_IOVA_RANGES", "6.2", UAPI_IOMMU_IOAS_IOVA_RANGES,
		{ IN(uapi_iommu_ioas_iova_ranges, ioas_id),
		  BOTH(uapi_iommu_ioas_iova_ranges, num_iovas),
		  OUT(uapi_iommu_ioas_iova_ranges, out_iova_alignment) } },
	[IOMMUFD_OP_IOAS_MAP] = { "IOMMU_IOAS_MAP", "6.2", UAPI_IOMMU_IOAS_MAP,
		{ IN(uapi_iommu_ioas_map, flags), IN(uapi_iommu_ioas_map, ioas_id),
		  IN(uapi_iommu_ioas_map, user_va), IN(uapi_iommu_ioas_map, length),
		  BOTH(uapi_iommu_ioas_map, iova) } },
	[IOMMUFD_OP_IOAS_MAP_FILE] = { "IOMMU_IOAS_MAP_FILE", "6.13", UAPI_IOMMU_IOAS_MAP_FILE,
		{ IN(uapi_iommu_ioas_map_file, flags), IN(uapi_iommu_ioas_map_file, ioas_id),
		  IN(uapi_iommu_ioas_map_file, fd), IN(uapi_iommu_ioas_map_file, start),
		  IN(uapi_iommu_ioas_map_file, length), BOTH(uapi_iommu_ioas_map_file, iova) } },
	[IOMMUFD_OP_IOAS_UNMAP] = { "IOMMU_IOAS_UNMAP", "6.2", UAPI_IOMMU_IOAS_UNMAP,
		{ IN(uapi_iommu_ioas_unmap, ioas_id), IN(uapi_iommu_ioas_unmap, iova),
		  BOTH(uapi_iommu_ioas_unmap, length) } },
	[IOMMUFD_OP_BIND] = { "VFIO_DEVICE_BIND_IOMMUFD", "6.6", UAPI_VFIO_DEVICE_BIND_IOMMUFD,
		{ IN(uapi_vfio_device_bind_iommufd, flags),
		  IN(uapi_vfio_device_bind_iommufd, iommufd),
		  OUT(uapi_vfio_device_bind_iommufd, out_devid) } },
	[IOMMUFD_OP_ATTACH] = { "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "6.6",
		UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT,
		{ IN(uapi_vfio_device_attach_iommufd_pt, flags),
		  BOTH(uapi_vfio_device_attach_iommufd_pt, pt_id) } },
	[IOMMUFD_OP_DETACH] = { "VFIO_DEVICE_DETACH_IOMMUFD_PT", "6.6",
		UAPI_VFIO_DEVICE_DETACH_IOMMUFD_PT,
		{ IN(uapi_vfio_device_detach_iommufd_pt, flags) } },
	[IOMMUFD_OP_DEVICE_CAPS] = { "VFIO_DEVICE_GET_INFO", "6.6", UAPI_VFIO_DEVICE_GET_INFO,
		{ OUT(uapi_vfio_device_info, flags), OUT(uapi_vfio_device_info, num_regions),
		  OUT(uapi_vfio_device_info, num_irqs) } },
	[IOMMUFD_OP_STRICT_ATTACH] = { "attach", "6.6", 0, NO_FIELDS },
	[IOMMUFD_OP_STRICT_REPLACE] = { "replace", "6.6", 0, NO_FIELDS },
	[IOMMUFD_OP_IOAS_COPY] = { "IOMMU_IOAS_COPY", "6.2", UAPI_IOMMU_IOAS_COPY,
		{ IN(uapi_iommu_ioas_copy, flags), IN(uapi_iommu_ioas_copy, dst_ioas_id),
		  IN(uapi_iommu_ioas_copy, src_ioas_id), IN(uapi_iommu_ioas_copy, length),
		  BOTH(uapi_iommu_ioas_copy, dst_iova), IN(uapi_iommu_ioas_copy, src_iova) } },
	[IOMMUFD_OP_IOAS_ALLOW] = { "IOMMU_IOAS_ALLOW_IOVAS", "6.2", UAPI_IOMMU_IOAS_ALLOW_IOVAS,
		{ IN(uapi_iommu_ioas_allow_iovas, ioas_id), IN(uapi_iommu_ioas_allow_iovas, num_iovas) } },
	[IOMMUFD_OP_IOAS_CHANGE_PROCESS] = { "IOMMU_IOAS_CHANGE_PROCESS", "6.13",
		UAPI_IOMMU_IOAS_CHANGE_PROCESS, NO_FIELDS },
	[IOMMUFD_OP_VFIO_IOAS_GET] = { "IOMMU_VFIO_IOAS", "6.2", UAPI_IOMMU_VFIO_IOAS,
		{ IN(uapi_iommu_vfio_ioas, op), OUT(uapi_iommu_vfio_ioas, ioas_id) } },
	[IOMMUFD_OP_VFIO_IOAS_SET] = { "IOMMU_VFIO_IOAS", "6.2", UAPI_IOMMU_VFIO_IOAS,
		{ IN(uapi_iommu_vfio_ioas, op), IN(uapi_iommu_vfio_ioas, ioas_id) } },
	[IOMMUFD_OP_VFIO_IOAS_CLEAR] = { "IOMMU_VFIO_IOAS", "6.2", UAPI_IOMMU_VFIO_IOAS,
		{ IN(uapi_iommu_vfio_ioas, op) } },
	[IOMMUFD_OP_HWPT_ALLOC] = { "IOMMU_HWPT_ALLOC", "6.6", UAPI_IOMMU_HWPT_ALLOC,
		{ IN(uapi_iommu_hwpt_alloc, flags), IN(uapi_iommu_hwpt_alloc, dev_id),
		  IN(uapi_iommu_hwpt_alloc, pt_id), IN(uapi_iommu_hwpt_alloc, data_type),
		  IN(uapi_iommu_hwpt_alloc, data_len), IN(uapi_iommu_hwpt_alloc, fault_id),
		  OUT(uapi_iommu_hwpt_alloc, out_hwpt_id) } },
	[IOMMUFD_OP_HWPT_SET_DIRTY] = { "IOMMU_HWPT_SET_DIRTY_TRACKING", "6.7",
		UAPI_IOMMU_HWPT_SET_DIRTY_TRACKING,
		{ IN(uapi_iommu_hwpt_set_dirty_tracking, flags),
		  IN(uapi_iommu_hwpt_set_dirty_tracking, hwpt_id) } },
	[IOMMUFD_OP_HWPT_DIRTY_BITMAP] = { "IOMMU_HWPT_GET_DIRTY_BITMAP", "6.7",
		UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP,
		{ IN(uapi_iommu_hwpt_get_dirty_bitmap, hwpt_id),
		  IN(uapi_iommu_hwpt_get_dirty_bitmap, flags),
		  IN(uapi_iommu_hwpt_get_dirty_bitmap, iova),
		  IN(uapi_iommu_hwpt_get_dirty_bitmap, length),
		  IN(uapi_iommu_hwpt_get_dirty_bitmap, page_size) } },
	[IOMMUFD_OP_HWPT_INVALIDATE] = { "IOMMU_HWPT_INVALIDATE", "6.8", UAPI_IOMMU_HWPT_INVALIDATE,
		{ IN(uapi_iommu_hwpt_invalidate, hwpt_id), IN(uapi_iommu_hwpt_invalidate, data_type),
		  IN(uapi_iommu_hwpt_invalidate, entry_len),
		  BOTH(uapi_iommu_hwpt_invalidate, entry_num) } },
	[IOMMUFD_OP_HW_INFO] = { "IOMMU_GET_HW_INFO", "6.6", UAPI_IOMMU_GET_HW_INFO,
		{ IN(uapi_iommu_hw_info, flags), IN(uapi_iommu_hw_info, dev_id),
		  BOTH(uapi_iommu_hw_info, data_len), BOTH(uapi_iommu_hw_info, out_data_type),
		  OUT(uapi_iommu_hw_info, out_max_pasid_log2), OUT(uapi_iommu_hw_info, out_capabilities) } },
	[IOMMUFD_OP_FAULT_ALLOC] = { "IOMMU_FAULT_QUEUE_ALLOC", "6.11", UAPI_IOMMU_FAULT_QUEUE_ALLOC,
		{ IN(uapi_iommu_fault_alloc, flags), OUT(uapi_iommu_fault_alloc, out_fault_id),
		  OUT(uapi_iommu_fault_alloc, out_fault_fd) } },
	[IOMMUFD_OP_FAULT_READ] = { "read", "6.11", 0, NO_FIELDS },
	[IOMMUFD_OP_FAULT_RESPOND] = { "write", "6.11", 0, NO_FIELDS },
	[IOMMUFD_OP_VIOMMU_ALLOC] = { "IOMMU_VIOMMU_ALLOC", "6.13", UAPI_IOMMU_VIOMMU_ALLOC,
		{ IN(uapi_iommu_viommu_alloc, flags), IN(uapi_iommu_viommu_alloc, type),
		  IN(uapi_iommu_viommu_alloc, dev_id), IN(uapi_iommu_viommu_alloc, hwpt_id),
		  IN(uapi_iommu_viommu_alloc, data_len), OUT(uapi_iommu_viommu_alloc, out_viommu_id) } },
	[IOMMUFD_OP_VDEVICE_ALLOC] = { "IOMMU_VDEVICE_ALLOC", "6.13", UAPI_IOMMU_VDEVICE_ALLOC,
		{ IN(uapi_iommu_vdevice_alloc, viommu_id), IN(uapi_iommu_vdevice_alloc, dev_id),
		  IN(uapi_iommu_vdevice_alloc, virt_id), OUT(uapi_iommu_vdevice_alloc, out_vdevice_id) } },
	[IOMMUFD_OP_VEVENTQ_ALLOC] = { "IOMMU_VEVENTQ_ALLOC", "6.15", UAPI_IOMMU_VEVENTQ_ALLOC,
		{ IN(uapi_iommu_veventq_alloc, flags), IN(uapi_iommu_veventq_alloc, viommu_id),
		  IN(uapi_iommu_veventq_alloc, type), IN(uapi_iommu_veventq_alloc, veventq_depth),
		  OUT(uapi_iommu_veventq_alloc, out_veventq_id),
		  OUT(uapi_iommu_veventq_alloc, out_veventq_fd) } },
	[IOMMUFD_OP_VEVENTQ_READ] = { "read", "6.15", 0, NO_FIELDS },
	[IOMMUFD_OP_HW_QUEUE_ALLOC] = { "IOMMU_HW_QUEUE_ALLOC", "6.17", UAPI_IOMMU_HW_QUEUE_ALLOC,
		{ IN(uapi_iommu_hw_queue_alloc, flags), IN(uapi_iommu_hw_queue_alloc, viommu_id),
		  IN(uapi_iommu_hw_queue_alloc, type), IN(uapi_iommu_hw_queue_alloc, index),
		  IN(uapi_iommu_hw_queue_alloc, nesting_parent_iova), IN(uapi_iommu_hw_queue_alloc, length),
		  OUT(uapi_iommu_hw_queue_alloc, out_hw_queue_id) } },
	[IOMMUFD_OP_BIND_TOKEN] = { "VFIO_DEVICE_BIND_IOMMUFD", "6.17", UAPI_VFIO_DEVICE_BIND_IOMMUFD,
		{ IN(uapi_vfio_device_bind_iommufd, flags),
		  IN(uapi_vfio_device_bind_iommufd, iommufd),
		  OUT(uapi_vfio_device_bind_iommufd, out_devid) } },
	[IOMMUFD_OP_ATTACH_PASID] = { "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "6.15",
		UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT,
		{ IN(uapi_vfio_device_attach_iommufd_pt, flags),
		  IN(uapi_vfio_device_attach_iommufd_pt, pasid),
		  BOTH(uapi_vfio_device_attach_iommufd_pt, pt_id) } },
	[IOMMUFD_OP_DETACH_PASID] = { "VFIO_DEVICE_DETACH_IOMMUFD_PT", "6.15",
		UAPI_VFIO_DEVICE_DETACH_IOMMUFD_PT,
		{ IN(uapi_vfio_device_detach_iommufd_pt, flags),
		  IN(uapi_vfio_device_detach_iommufd_pt, pasid) } },
	[IOMMUFD_OP_REGION_INFO] = { "VFIO_DEVICE_GET_REGION_INFO", "6.6", UAPI_VFIO_DEVICE_GET_REGION_INFO,
		{ IN(uapi_vfio_region_info, index), OUT(uapi_vfio_region_info, flags),
		  OUT(uapi_vfio_region_info, size), OUT(uapi_vfio_region_info, offset) } },
	[IOMMUFD_OP_IRQ_INFO] = { "VFIO_DEVICE_GET_IRQ_INFO", "6.6", UAPI_VFIO_DEVICE_GET_IRQ_INFO,
		{ IN(uapi_vfio_irq_info, index), OUT(uapi_vfio_irq_info, flags),
		  OUT(uapi_vfio_irq_info, count) } },
	[IOMMUFD_OP_RESET] = { "VFIO_DEVICE_RESET", "6.6", UAPI_VFIO_DEVICE_RESET, NO_FIELDS },
	[IOMMUFD_OP_HOT_RESET_INFO] = { "VFIO_DEVICE_GET_PCI_HOT_RESET_INFO", "6.6",
		UAPI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
		{ OUT(uapi_vfio_pci_hot_reset_info, flags), OUT(uapi_vfio_pci_hot_reset_info, count) } },
	[IOMMUFD_OP_HOT_RESET] = { "VFIO_DEVICE_PCI_HOT_RESET", "6.6", UAPI_VFIO_DEVICE_PCI_HOT_RESET,
		{ IN(uapi_vfio_pci_hot_reset, count) } },
	[IOMMUFD_OP_FEATURE_PROBE] = { "VFIO_DEVICE_FEATURE", "6.6", UAPI_VFIO_DEVICE_FEATURE,
		{ IN(uapi_vfio_device_feature, flags) } },
	[IOMMUFD_OP_MIGRATION_FLAGS] = FEATURE("VFIO_DEVICE_FEATURE_MIGRATION", "6.6",
		DATA(uapi_vfio_device_feature_migration, flags, FIELD_OUT)),
	[IOMMUFD_OP_MIGRATION_STATE] = FEATURE("VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE", "6.6",
		DATA(uapi_vfio_device_feature_mig_state, device_state, FIELD_OUT)),
	[IOMMUFD_OP_MIGRATION_SET_STATE] = FEATURE("VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE", "6.6",
		DATA(uapi_vfio_device_feature_mig_state, device_state, FIELD_IN),
		DATA(uapi_vfio_device_feature_mig_state, data_fd, FIELD_OUT)),
	[IOMMUFD_OP_MIGRATION_DATA_SIZE] = FEATURE("VFIO_DEVICE_FEATURE_MIG_DATA_SIZE", "6.6",
		DATA(uapi_vfio_device_feature_mig_data_size, stop_copy_length, FIELD_OUT)),
	[IOMMUFD_OP_MIGRATION_PRECOPY] = { "VFIO_MIG_GET_PRECOPY_INFO", "6.6", UAPI_VFIO_MIG_GET_PRECOPY_INFO,
		{ OUT(uapi_vfio_precopy_info, initial_bytes), OUT(uapi_vfio_precopy_info, dirty_bytes) } },
	[IOMMUFD_OP_DMA_LOGGING_START] = FEATURE("VFIO_DEVICE_FEATURE_DMA_LOGGING_START", "6.6",
		DATA(uapi_vfio_device_feature_dma_logging_control, page_size, FIELD_BOTH),
		DATA(uapi_vfio_device_feature_dma_logging_control, num_ranges, FIELD_IN)),
	[IOMMUFD_OP_DMA_LOGGING_STOP] = { "VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP", "6.6",
		UAPI_VFIO_DEVICE_FEATURE, { IN(uapi_vfio_device_feature, flags) } },
	[IOMMUFD_OP_DMA_LOGGING_REPORT] = FEATURE("VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT", "6.6",
		DATA(uapi_vfio_device_feature_dma_logging_report, iova, FIELD_IN),
		DATA(uapi_vfio_device_feature_dma_logging_report, length, FIELD_IN),
		DATA(uapi_vfio_device_feature_dma_logging_report, page_size, FIELD_IN)),
	[IOMMUFD_OP_LOW_POWER_ENTRY] = { "VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY", "6.6",
		UAPI_VFIO_DEVICE_FEATURE, { IN(uapi_vfio_device_feature, flags) } },
	[IOMMUFD_OP_LOW_POWER_WAKEUP] = FEATURE("VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP", "6.6",
		DATA(uapi_vfio_device_low_power_entry_with_wakeup, wakeup_eventfd, FIELD_IN)),
	[IOMMUFD_OP_LOW_POWER_EXIT] = { "VFIO_DEVICE_FEATURE_LOW_POWER_EXIT", "6.6",
		UAPI_VFIO_DEVICE_FEATURE, { IN(uapi_vfio_device_feature, flags) } },
	[IOMMUFD_OP_DMA_BUF] = FEATURE("VFIO_DEVICE_FEATURE_DMA_BUF", "6.19",
		DATA(uapi_vfio_device_feature_dma_buf, region_index, FIELD_IN),
		DATA(uapi_vfio_device_feature_dma_buf, open_flags, FIELD_IN),
		DATA(uapi_vfio_device_feature_dma_buf, nr_ranges, FIELD_IN)),
};

const struct op *op_row(enum iommufd_op op)
{
	return (unsigned int)op < OP_COUNT ? &ops[op] : NULL;
}

API const char *iommufd_op_name(enum iommufd_op op)
{
	const struct op *row = op_row(op);

	return row ? row->name : NULL;
}

API const char *iommufd_op_since(enum iommufd_op op)
{
	const struct op *row = op_row(op);

	return row ? row->since : NULL;
}
