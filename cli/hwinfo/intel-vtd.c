/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel VT-d: struct iommu_hw_info_vtd. The names are those of the specification's revision 3 and of Linux;
 * later revisions say stage for level. Fields that were withdrawn are named, too: old hardware has them.
 */
#include "hwinfo/decode.h"

const struct register_entry registers_intel_vtd[] = {
	REGISTER("flags", 0, 32),
	FLAG("ERRATA_772415_SPR17", 0, "no read-only mappings below a nested table"), RESERVED(31, 1),

	REGISTER("__reserved", 4, 32), RESERVED(31, 0),

	REGISTER("CAP", 8, 64),
	FIELD("ND", 2, 0, "number of domains"), VALUE(0, "16 domains"), VALUE(1, "64 domains"),
	VALUE(2, "256 domains"), VALUE(3, "1024 domains"), VALUE(4, "4096 domains"),
	VALUE(5, "16384 domains"), VALUE(6, "65536 domains"),
	FLAG("AFL", 3, "advanced fault logging"), FLAG("RWBF", 4, "write buffers must be flushed"),
	FLAG("PLMR", 5, "protected region of low memory"), FLAG("PHMR", 6, "protected region of high memory"),
	FLAG("CM", 7, "caching mode: absent entries are cached"),
	FIELD("SAGAW", 12, 8, "address widths of second-level tables"),
	VALUE(2, "39-bit second-level tables"), VALUE(4, "48-bit second-level tables"),
	VALUE(6, "39- and 48-bit second-level tables"), VALUE(8, "57-bit second-level tables"),
	VALUE(12, "48- and 57-bit second-level tables"), VALUE(14, "39-, 48- and 57-bit second-level tables"),
	RESERVED(15, 13),
	FIELD("MGAW", 21, 16, "address bits of a DMA, less one"), VALUE(38, "39-bit DMA addresses"),
	VALUE(47, "48-bit DMA addresses"), VALUE(56, "57-bit DMA addresses"),
	FLAG("ZLR", 22, "zero-length reads of write-only pages"),
	FLAG("ISOCH", 23, "isochronous DMA; withdrawn"),
	FIELD("FRO", 33, 24, "offset of the fault records, in 16 bytes"),
	FIELD("SLLPS", 37, 34, "large pages of second-level tables"), VALUE(0, "no large second-level pages"),
	VALUE(1, "2-MB second-level pages"), VALUE(3, "2-MB and 1-GB second-level pages"), RESERVED_BIT(38),
	FLAG("PSI", 39, "page-selective invalidation"),
	FIELD("NFR", 47, 40, "number of fault records, less one"),
	FIELD("MAMV", 53, 48, "largest address mask of an invalidation"),
	FLAG("DWD", 54, "invalidation drains writes"), FLAG("DRD", 55, "invalidation drains reads"),
	FLAG("FL1GP", 56, "1-GB first-level pages"), RESERVED(58, 57),
	FLAG("PI", 59, "posted interrupts"), FLAG("FL5LP", 60, "first-level tables of 5 levels"),
	FLAG("ECMDS", 61, "enhanced commands"),
	FLAG("ESIRTPS", 62, "setting the interrupt table invalidates"),
	FLAG("ESRTPS", 63, "setting the root table invalidates"),

	REGISTER("ECAP", 16, 64),
	FLAG("C", 0, "coherent walks of legacy tables"), FLAG("QI", 1, "queued invalidation"),
	FLAG("DT", 2, "device TLBs"), FLAG("IR", 3, "interrupt remapping"), FLAG("EIM", 4, "32-bit APIC ids"),
	FLAG("CH", 5, "caching hints; withdrawn"), FLAG("PT", 6, "pass-through"),
	FLAG("SC", 7, "snoop control"),
	FIELD("IRO", 17, 8, "offset of the IOTLB registers, in 16 bytes"), RESERVED(19, 18),
	FIELD("MHMV", 23, 20, "largest handle mask of an invalidation"),
	FLAG("ECS", 24, "extended contexts; withdrawn"), FLAG("MTS", 25, "memory types"),
	FLAG("NEST", 26, "nested translation"), FLAG("DIS", 27, "deferred invalidation; withdrawn"),
	RESERVED_BIT(28),
	FLAG("PRS", 29, "page requests"), FLAG("ERS", 30, "execute requests"),
	FLAG("SRS", 31, "supervisor requests"), FLAG("POT", 32, "PASID-only translation; withdrawn"),
	FLAG("NWFS", 33, "no-write flag of translation requests"), FLAG("EAFS", 34, "extended accessed flag"),
	FIELD("PSS", 39, 35, "bits of a PASID, less one"), VALUE(19, "20-bit PASIDs"),
	FLAG("PASID", 40, "PASIDs"), FLAG("DIT", 41, "throttled invalidation of device TLBs"),
	FLAG("PDS", 42, "draining of page requests"), FLAG("SMTS", 43, "scalable mode"),
	FLAG("VCS", 44, "virtual commands"), FLAG("SLADS", 45, "accessed and dirty bits, second level"),
	FLAG("SLTS", 46, "second-level translation in scalable mode"),
	FLAG("FLTS", 47, "first-level translation in scalable mode"),
	FLAG("SMPWCS", 48, "coherent walks in scalable mode"),
	FLAG("RPS", 49, "a PASID for requests without one"), FLAG("TDXIO", 50, "TDX for devices"),
	FLAG("PMS", 51, "performance monitoring"), FLAG("ADMS", 52, "DMA can be aborted by mode"),
	FLAG("RPRIVS", 53, "a privilege for requests without PASID"), RESERVED_BIT(54),
	FLAG("HPTS", 55, ""), FLAG("PTRS", 56, "PASIDs in translated requests"),
	FLAG("PBDS", 57, "page-specific DMA"), RESERVED(63, 58),

	TABLE_END
};
