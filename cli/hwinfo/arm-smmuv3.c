/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arm SMMUv3, struct iommu_hw_info_arm_smmuv3, and NVIDIA's command queues beside it. */
#include "hwinfo/decode.h"

const struct register_entry registers_arm_smmuv3[] = {
	REGISTER("flags", 0, 32),
	FLAG("REPEAT_TLBI_CFGI", 0, "erratum: invalidations are to be repeated"), RESERVED(31, 1),

	REGISTER("__reserved", 4, 32), RESERVED(31, 0),

	REGISTER("IDR0", 8, 32),
	FLAG("S2P", 0, "stage 2 translation"), FLAG("S1P", 1, "stage 1 translation"),
	FIELD("TTF", 3, 2, "formats of translation tables"), VALUE(1, "AArch32 tables"),
	VALUE(2, "AArch64 tables"), VALUE(3, "AArch32 and AArch64 tables"),
	FLAG("COHACC", 4, "coherent access to tables and queues"),
	FLAG("BTM", 5, "broadcast TLB maintenance"),
	FIELD("HTTU", 7, 6, "hardware updates of flags in tables"),
	VALUE(0, "no hardware updates of flags in tables"), VALUE(1, "access flag updated by hardware"),
	VALUE(2, "access flag and dirty state updated"), VALUE(3, "flags updated, also in table descriptors"),
	FLAG("DORMHINT", 8, "dormant hint"), FLAG("Hyp", 9, "hypervisor stage 1 contexts"),
	FLAG("ATS", 10, "PCIe ATS"), FLAG("NS1ATS", 11, "no ATS of stage 1 alone"),
	FLAG("ASID16", 12, "16-bit ASIDs"), FLAG("MSI", 13, "message-signalled interrupts"),
	FLAG("SEV", 14, "wake-up events"), FLAG("ATOS", 15, "address translation operations"),
	FLAG("PRI", 16, "PCIe page requests"), FLAG("VMW", 17, "VMID wildcards"),
	FLAG("VMID16", 18, "16-bit VMIDs"), FLAG("CD2L", 19, "context descriptor tables of 2 levels"),
	FLAG("VATOS", 20, "virtual address translation operations"),
	FIELD("TTENDIAN", 22, 21, "byte orders of translation tables"),
	VALUE(0, "tables of either byte order"), VALUE(2, "little-endian tables"),
	VALUE(3, "big-endian tables"),
	FLAG("ATSRECERR", 23, "more events of ATS and PRI are recorded"),
	FIELD("STALL_MODEL", 25, 24, "what a fault does"), VALUE(0, "faults stall or terminate"),
	VALUE(1, "faults terminate"), VALUE(2, "faults stall"),
	FLAG("TERM_MODEL", 26, "what is terminated is always aborted"),
	FIELD("ST_LEVEL", 28, 27, "levels of the stream table"), VALUE(0, "linear stream table"),
	VALUE(1, "stream table of up to 2 levels"), RESERVED_BIT(29),
	FLAG("RME_IMPL", 30, "realm management extension"), RESERVED_BIT(31),

	REGISTER("IDR1", 12, 32),
	FIELD("SIDSIZE", 5, 0, "bits of a StreamID"),
	FIELD("SSIDSIZE", 10, 6, "bits of a SubstreamID"), VALUE(0, "no substreams"),
	FIELD("PRIQS", 15, 11, "log2 of the entries of a PRI queue"),
	FIELD("EVENTQS", 20, 16, "log2 of the entries of an event queue"),
	FIELD("CMDQS", 25, 21, "log2 of the entries of a command queue"),
	FLAG("ATTR_PERMS_OVR", 26, "incoming permissions can be overridden"),
	FLAG("ATTR_TYPES_OVR", 27, "incoming memory types can be overridden"),
	FLAG("REL", 28, "fixed addresses are relative"),
	FLAG("QUEUES_PRESET", 29, "fixed addresses of queues"),
	FLAG("TABLES_PRESET", 30, "fixed addresses of tables"), FLAG("ECMDQ", 31, "enhanced command queues"),

	REGISTER("IDR2", 16, 32),
	FIELD("BA_VATOS", 9, 0, "offset of the VATOS page, in 64 KB"), RESERVED(31, 10),

	REGISTER("IDR3", 20, 32), RESERVED(1, 0),
	FLAG("HAD", 2, "hierarchical attributes can be disabled"),
	FLAG("PBHA", 3, "page-based hardware attributes"),
	FLAG("XNX", 4, "stage 2 execute-never by exception level"),
	FLAG("PPS", 5, "automatic PRI responses have the PASID"), RESERVED_BIT(6),
	FLAG("MPAM", 7, "memory partitioning and monitoring"), FLAG("FWB", 8, "stage 2 decides memory types"),
	FLAG("STT", 9, "small translation tables"), FLAG("RIL", 10, "invalidation of ranges, with a level"),
	FIELD("BBML", 12, 11, "level of break-before-make behaviour"),
	FLAG("E0PD", 13, "unprivileged access can be prevented"),
	FLAG("PTWNNC", 14, "walks in device memory are non-cacheable"),
	FLAG("DPT", 15, "device permission table"), FLAG("PASIDTT", 16, "PASIDs in translated transactions"),
	FLAG("EPAN", 17, "enhanced privileged access never"),
	FLAG("S1PI", 18, "stage 1 permission indirection"),
	FLAG("S2PI", 19, "stage 2 permission indirection"), FLAG("S2PO", 20, "stage 2 permission overlay"),
	FLAG("THE", 21, "translation hardening"), FLAG("MTEPERM", 22, "stage 2 NoTagAccess attributes"),
	FLAG("AIE", 23, "stage 1 attribute index extension"), RESERVED(31, 24),

	REGISTER("IDR4", 24, 32),
	FIELD("IMPDEF", 31, 0, "implementation defined"),

	REGISTER("IDR5", 28, 32),
	FIELD("OAS", 2, 0, "bits of an output address"), VALUE(0, "32-bit output addresses"),
	VALUE(1, "36-bit output addresses"), VALUE(2, "40-bit output addresses"),
	VALUE(3, "42-bit output addresses"), VALUE(4, "44-bit output addresses"),
	VALUE(5, "48-bit output addresses"), VALUE(6, "52-bit output addresses"),
	VALUE(7, "56-bit output addresses"), RESERVED_BIT(3),
	FLAG("GRAN4K", 4, "4-KB granule"), FLAG("GRAN16K", 5, "16-KB granule"),
	FLAG("GRAN64K", 6, "64-KB granule"), FLAG("DS", 7, "52-bit addresses with 4 and 16-KB granules"),
	FLAG("D128", 8, "128-bit descriptors"), RESERVED_BIT(9),
	FIELD("VAX", 11, 10, "bits of a virtual address"), VALUE(0, "48-bit virtual addresses"),
	VALUE(1, "52-bit virtual addresses"), VALUE(2, "56-bit virtual addresses"), RESERVED(15, 12),
	FIELD("STALL_MAX", 31, 16, "most transactions stalled at a time"),

	REGISTER("IIDR", 32, 32),
	FIELD("Implementer", 11, 0, "who made it: a JEP106 code"),
	FIELD("Revision", 15, 12, "minor revision"),
	FIELD("Variant", 19, 16, "variant or major revision"),
	FIELD("ProductID", 31, 20, "which product"),

	REGISTER("AIDR", 36, 32),
	FIELD("ArchMinorRev", 3, 0, "minor revision of the architecture"),
	FIELD("ArchMajorRev", 7, 4, "major revision of the architecture"), VALUE(0, "SMMUv3"),
	RESERVED(31, 8),

	TABLE_END
};

/* The kernel gives each field of the hardware's PARAM register a byte of its own. */
const struct register_entry registers_tegra241_cmdqv[] = {
	REGISTER("flags", 0, 32), RESERVED(31, 0),

	REGISTER("version", 4, 8),
	FIELD("VER", 7, 0, "version of the hardware"),

	REGISTER("log2vcmdqs", 5, 8),
	FIELD("NUM_VCMDQ_LOG2", 7, 0, "log2 of the virtual command queues"),

	REGISTER("log2vsids", 6, 8),
	FIELD("NUM_SID_PER_VM_LOG2", 7, 0, "log2 of the StreamIDs that are replaced"),

	REGISTER("__reserved", 7, 8), RESERVED(7, 0),

	TABLE_END
};
