/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of ops: names, kernel releases, ioctl numbers, and the struct members worth showing. */
#include "internal.h"
#include "uapi/iommufd.h"
#include "uapi/vfio.h"

#define FIELD(type, base, member, flow) \
	{ #member, base + offsetof(struct type, member), sizeof(((struct type *)0)->member), flow }
#define IN(type, member) FIELD(uapi_##type, 0, member, FIELD_IN)
#define OUT(type, member) FIELD(uapi_##type, 0, member, FIELD_OUT)
#define BOTH(type, member) FIELD(uapi_##type, 0, member, FIELD_BOTH)
/* An ioctl, whose fields follow. */
#define CALL(name, since, enotty, ...) { #name, since, enotty, UAPI_##name, { __VA_ARGS__ } }
/* The flags say which feature; its data follows. */
#define FEATURE(name, since, ...) \
	{ "VFIO_DEVICE_FEATURE_" #name, since, LACKING, UAPI_VFIO_DEVICE_FEATURE, \
	  { IN(vfio_device_feature, flags), __VA_ARGS__ } }
#define DATA(type, member, flow) \
	FIELD(uapi_vfio_device_##type, sizeof(struct uapi_vfio_device_feature), member, flow)
#define DATA_IN(type, member) DATA(type, member, FIELD_IN)
#define DATA_OUT(type, member) DATA(type, member, FIELD_OUT)
#define DATA_BOTH(type, member) DATA(type, member, FIELD_BOTH)

const struct op op_rows[OP_COUNT] = {
	[IOMMUFD_OP_OPEN] = { "open", "6.2", WRONG_FD },
	[IOMMUFD_OP_CHECK] = { "IOMMU_OPTION", "6.2", WRONG_FD },
	[IOMMUFD_OP_DEVICE_OPEN] = { "open", "6.6", WRONG_FD },
	[IOMMUFD_OP_LOOKUP] = { "sysfs", "6.6", WRONG_FD },
	[IOMMUFD_OP_DESTROY] = CALL(IOMMU_DESTROY, "6.2", WRONG_FD, IN(iommu_destroy, id)),
	[IOMMUFD_OP_OPTION_GET] = CALL(IOMMU_OPTION, "6.2", WRONG_FD,
		IN(iommu_option, option_id), IN(iommu_option, op), IN(iommu_option, object_id),
		OUT(iommu_option, val64)),
	[IOMMUFD_OP_OPTION_SET] = CALL(IOMMU_OPTION, "6.2", WRONG_FD,
		IN(iommu_option, option_id), IN(iommu_option, op), IN(iommu_option, object_id),
		IN(iommu_option, val64)),
	[IOMMUFD_OP_IOAS_ALLOC] = CALL(IOMMU_IOAS_ALLOC, "6.2", WRONG_FD,
		IN(iommu_ioas_alloc, flags), OUT(iommu_ioas_alloc, out_ioas_id)),
	[IOMMUFD_OP_IOAS_RANGES] = CALL(IOMMU_IOAS_IOVA_RANGES, "6.2", WRONG_FD,
		IN(iommu_ioas_iova_ranges, ioas_id), BOTH(iommu_ioas_iova_ranges, num_iovas),
		OUT(iommu_ioas_iova_ranges, out_iova_alignment)),
	[IOMMUFD_OP_IOAS_MAP] = CALL(IOMMU_IOAS_MAP, "6.2", WRONG_FD,
		IN(iommu_ioas_map, flags), IN(iommu_ioas_map, ioas_id), IN(iommu_ioas_map, user_va),
		IN(iommu_ioas_map, length), BOTH(iommu_ioas_map, iova)),
	[IOMMUFD_OP_IOAS_MAP_FILE] = CALL(IOMMU_IOAS_MAP_FILE, "6.13", LACKING,
		IN(iommu_ioas_map_file, flags), IN(iommu_ioas_map_file, ioas_id), IN(iommu_ioas_map_file, fd),
		IN(iommu_ioas_map_file, start), IN(iommu_ioas_map_file, length),
		BOTH(iommu_ioas_map_file, iova)),
	[IOMMUFD_OP_IOAS_UNMAP] = CALL(IOMMU_IOAS_UNMAP, "6.2", WRONG_FD,
		IN(iommu_ioas_unmap, ioas_id), IN(iommu_ioas_unmap, iova), BOTH(iommu_ioas_unmap, length)),
	[IOMMUFD_OP_BIND] = CALL(VFIO_DEVICE_BIND_IOMMUFD, "6.6", WRONG_FD,
		IN(vfio_device_bind_iommufd, flags), IN(vfio_device_bind_iommufd, iommufd),
		OUT(vfio_device_bind_iommufd, out_devid)),
	[IOMMUFD_OP_ATTACH] = CALL(VFIO_DEVICE_ATTACH_IOMMUFD_PT, "6.6", WRONG_FD,
		IN(vfio_device_attach_iommufd_pt, flags), BOTH(vfio_device_attach_iommufd_pt, pt_id)),
	[IOMMUFD_OP_DETACH] = CALL(VFIO_DEVICE_DETACH_IOMMUFD_PT, "6.6", WRONG_FD,
		IN(vfio_device_detach_iommufd_pt, flags)),
	[IOMMUFD_OP_DEVICE_CAPS] = CALL(VFIO_DEVICE_GET_INFO, "6.6", WRONG_FD,
		OUT(vfio_device_info, flags), OUT(vfio_device_info, num_regions),
		OUT(vfio_device_info, num_irqs)),
	[IOMMUFD_OP_STRICT_ATTACH] = { "attach", "6.6", WRONG_FD },
	[IOMMUFD_OP_STRICT_REPLACE] = { "replace", "6.6", WRONG_FD },
	[IOMMUFD_OP_IOAS_COPY] = CALL(IOMMU_IOAS_COPY, "6.2", LACKING,
		IN(iommu_ioas_copy, flags), IN(iommu_ioas_copy, dst_ioas_id),
		IN(iommu_ioas_copy, src_ioas_id), IN(iommu_ioas_copy, length),
		BOTH(iommu_ioas_copy, dst_iova), IN(iommu_ioas_copy, src_iova)),
	[IOMMUFD_OP_IOAS_ALLOW] = CALL(IOMMU_IOAS_ALLOW_IOVAS, "6.2", LACKING,
		IN(iommu_ioas_allow_iovas, ioas_id), IN(iommu_ioas_allow_iovas, num_iovas)),
	[IOMMUFD_OP_IOAS_CHANGE_PROCESS] = CALL(IOMMU_IOAS_CHANGE_PROCESS, "6.13", LACKING),
	[IOMMUFD_OP_VFIO_IOAS_GET] = CALL(IOMMU_VFIO_IOAS, "6.2", LACKING,
		IN(iommu_vfio_ioas, op), OUT(iommu_vfio_ioas, ioas_id)),
	[IOMMUFD_OP_VFIO_IOAS_SET] = CALL(IOMMU_VFIO_IOAS, "6.2", LACKING,
		IN(iommu_vfio_ioas, op), IN(iommu_vfio_ioas, ioas_id)),
	[IOMMUFD_OP_VFIO_IOAS_CLEAR] = CALL(IOMMU_VFIO_IOAS, "6.2", LACKING, IN(iommu_vfio_ioas, op)),
	[IOMMUFD_OP_HWPT_ALLOC] = CALL(IOMMU_HWPT_ALLOC, "6.6", LACKING,
		IN(iommu_hwpt_alloc, flags), IN(iommu_hwpt_alloc, dev_id), IN(iommu_hwpt_alloc, pt_id),
		IN(iommu_hwpt_alloc, data_type), IN(iommu_hwpt_alloc, data_len),
		IN(iommu_hwpt_alloc, fault_id), OUT(iommu_hwpt_alloc, out_hwpt_id)),
	[IOMMUFD_OP_HWPT_SET_DIRTY] = CALL(IOMMU_HWPT_SET_DIRTY_TRACKING, "6.7", LACKING,
		IN(iommu_hwpt_set_dirty_tracking, flags), IN(iommu_hwpt_set_dirty_tracking, hwpt_id)),
	[IOMMUFD_OP_HWPT_DIRTY_BITMAP] = CALL(IOMMU_HWPT_GET_DIRTY_BITMAP, "6.7", LACKING,
		IN(iommu_hwpt_get_dirty_bitmap, hwpt_id), IN(iommu_hwpt_get_dirty_bitmap, flags),
		IN(iommu_hwpt_get_dirty_bitmap, iova), IN(iommu_hwpt_get_dirty_bitmap, length),
		IN(iommu_hwpt_get_dirty_bitmap, page_size)),
	[IOMMUFD_OP_HWPT_INVALIDATE] = CALL(IOMMU_HWPT_INVALIDATE, "6.8", LACKING,
		IN(iommu_hwpt_invalidate, hwpt_id), IN(iommu_hwpt_invalidate, data_type),
		IN(iommu_hwpt_invalidate, entry_len), BOTH(iommu_hwpt_invalidate, entry_num)),
	[IOMMUFD_OP_HW_INFO] = CALL(IOMMU_GET_HW_INFO, "6.6", LACKING,
		IN(iommu_hw_info, flags), IN(iommu_hw_info, dev_id), BOTH(iommu_hw_info, data_len),
		BOTH(iommu_hw_info, out_data_type), OUT(iommu_hw_info, out_max_pasid_log2),
		OUT(iommu_hw_info, out_capabilities)),
	[IOMMUFD_OP_FAULT_ALLOC] = CALL(IOMMU_FAULT_QUEUE_ALLOC, "6.11", LACKING,
		IN(iommu_fault_alloc, flags), OUT(iommu_fault_alloc, out_fault_id),
		OUT(iommu_fault_alloc, out_fault_fd)),
	[IOMMUFD_OP_FAULT_READ] = { "read", "6.11", LACKING },
	[IOMMUFD_OP_FAULT_RESPOND] = { "write", "6.11", LACKING },
	[IOMMUFD_OP_VIOMMU_ALLOC] = CALL(IOMMU_VIOMMU_ALLOC, "6.13", LACKING,
		IN(iommu_viommu_alloc, flags), IN(iommu_viommu_alloc, type), IN(iommu_viommu_alloc, dev_id),
		IN(iommu_viommu_alloc, hwpt_id), IN(iommu_viommu_alloc, data_len),
		OUT(iommu_viommu_alloc, out_viommu_id)),
	[IOMMUFD_OP_VDEVICE_ALLOC] = CALL(IOMMU_VDEVICE_ALLOC, "6.13", LACKING,
		IN(iommu_vdevice_alloc, viommu_id), IN(iommu_vdevice_alloc, dev_id),
		IN(iommu_vdevice_alloc, virt_id), OUT(iommu_vdevice_alloc, out_vdevice_id)),
	[IOMMUFD_OP_VEVENTQ_ALLOC] = CALL(IOMMU_VEVENTQ_ALLOC, "6.15", LACKING,
		IN(iommu_veventq_alloc, flags), IN(iommu_veventq_alloc, viommu_id),
		IN(iommu_veventq_alloc, type), IN(iommu_veventq_alloc, veventq_depth),
		OUT(iommu_veventq_alloc, out_veventq_id), OUT(iommu_veventq_alloc, out_veventq_fd)),
	[IOMMUFD_OP_VEVENTQ_READ] = { "read", "6.15", LACKING },
	[IOMMUFD_OP_HW_QUEUE_ALLOC] = CALL(IOMMU_HW_QUEUE_ALLOC, "6.17", LACKING,
		IN(iommu_hw_queue_alloc, flags), IN(iommu_hw_queue_alloc, viommu_id),
		IN(iommu_hw_queue_alloc, type), IN(iommu_hw_queue_alloc, index),
		IN(iommu_hw_queue_alloc, nesting_parent_iova), IN(iommu_hw_queue_alloc, length),
		OUT(iommu_hw_queue_alloc, out_hw_queue_id)),
	[IOMMUFD_OP_BIND_TOKEN] = CALL(VFIO_DEVICE_BIND_IOMMUFD, "6.17", LACKING,
		IN(vfio_device_bind_iommufd, flags), IN(vfio_device_bind_iommufd, iommufd),
		OUT(vfio_device_bind_iommufd, out_devid)),
	[IOMMUFD_OP_ATTACH_PASID] = CALL(VFIO_DEVICE_ATTACH_IOMMUFD_PT, "6.15", LACKING,
		IN(vfio_device_attach_iommufd_pt, flags), IN(vfio_device_attach_iommufd_pt, pasid),
		BOTH(vfio_device_attach_iommufd_pt, pt_id)),
	[IOMMUFD_OP_DETACH_PASID] = CALL(VFIO_DEVICE_DETACH_IOMMUFD_PT, "6.15", LACKING,
		IN(vfio_device_detach_iommufd_pt, flags), IN(vfio_device_detach_iommufd_pt, pasid)),
	[IOMMUFD_OP_REGION_INFO] = CALL(VFIO_DEVICE_GET_REGION_INFO, "6.6", LACKING,
		IN(vfio_region_info, index), OUT(vfio_region_info, flags), OUT(vfio_region_info, size),
		OUT(vfio_region_info, offset)),
	[IOMMUFD_OP_IRQ_INFO] = CALL(VFIO_DEVICE_GET_IRQ_INFO, "6.6", LACKING,
		IN(vfio_irq_info, index), OUT(vfio_irq_info, flags), OUT(vfio_irq_info, count)),
	[IOMMUFD_OP_IRQ_SET] = CALL(VFIO_DEVICE_SET_IRQS, "6.6", LACKING,
		IN(vfio_irq_set, flags), IN(vfio_irq_set, index), IN(vfio_irq_set, start),
		IN(vfio_irq_set, count)),
	[IOMMUFD_OP_RESET] = CALL(VFIO_DEVICE_RESET, "6.6", LACKING),
	[IOMMUFD_OP_HOT_RESET_INFO] = CALL(VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, "6.6", LACKING,
		OUT(vfio_pci_hot_reset_info, flags), OUT(vfio_pci_hot_reset_info, count)),
	[IOMMUFD_OP_HOT_RESET] = CALL(VFIO_DEVICE_PCI_HOT_RESET, "6.6", LACKING,
		IN(vfio_pci_hot_reset, count)),
	[IOMMUFD_OP_FEATURE_PROBE] = CALL(VFIO_DEVICE_FEATURE, "6.6", LACKING,
		IN(vfio_device_feature, flags)),
	[IOMMUFD_OP_MIGRATION_FLAGS] = FEATURE(MIGRATION, "6.6", DATA_OUT(feature_migration, flags)),
	[IOMMUFD_OP_MIGRATION_STATE] = FEATURE(MIG_DEVICE_STATE, "6.6",
		DATA_OUT(feature_mig_state, device_state)),
	[IOMMUFD_OP_MIGRATION_SET_STATE] = FEATURE(MIG_DEVICE_STATE, "6.6",
		DATA_IN(feature_mig_state, device_state), DATA_OUT(feature_mig_state, data_fd)),
	[IOMMUFD_OP_MIGRATION_DATA_SIZE] = FEATURE(MIG_DATA_SIZE, "6.6",
		DATA_OUT(feature_mig_data_size, stop_copy_length)),
	[IOMMUFD_OP_MIGRATION_PRECOPY] = CALL(VFIO_MIG_GET_PRECOPY_INFO, "6.6", LACKING,
		OUT(vfio_precopy_info, initial_bytes), OUT(vfio_precopy_info, dirty_bytes)),
	[IOMMUFD_OP_DMA_LOGGING_START] = FEATURE(DMA_LOGGING_START, "6.6",
		DATA_BOTH(feature_dma_logging_control, page_size),
		DATA_IN(feature_dma_logging_control, num_ranges)),
	[IOMMUFD_OP_DMA_LOGGING_STOP] = FEATURE(DMA_LOGGING_STOP, "6.6"),
	[IOMMUFD_OP_DMA_LOGGING_REPORT] = FEATURE(DMA_LOGGING_REPORT, "6.6",
		DATA_IN(feature_dma_logging_report, iova), DATA_IN(feature_dma_logging_report, length),
		DATA_IN(feature_dma_logging_report, page_size)),
	[IOMMUFD_OP_LOW_POWER_ENTRY] = FEATURE(LOW_POWER_ENTRY, "6.6"),
	[IOMMUFD_OP_LOW_POWER_WAKEUP] = FEATURE(LOW_POWER_ENTRY_WITH_WAKEUP, "6.6",
		DATA_IN(low_power_entry_with_wakeup, wakeup_eventfd)),
	[IOMMUFD_OP_LOW_POWER_EXIT] = FEATURE(LOW_POWER_EXIT, "6.6"),
	[IOMMUFD_OP_DMA_BUF] = FEATURE(DMA_BUF, "6.19",
		DATA_IN(feature_dma_buf, region_index), DATA_IN(feature_dma_buf, open_flags),
		DATA_IN(feature_dma_buf, nr_ranges)),
	[IOMMUFD_OP_IOAS_NOIOMMU_GET_PA] = CALL(IOMMU_IOAS_NOIOMMU_GET_PA, "7.3", LACKING,
		IN(iommu_ioas_noiommu_get_pa, ioas_id), IN(iommu_ioas_noiommu_get_pa, iova),
		BOTH(iommu_ioas_noiommu_get_pa, length), OUT(iommu_ioas_noiommu_get_pa, out_phys)),
};

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
