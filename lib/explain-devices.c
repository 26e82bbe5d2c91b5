/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Explanations: what a device is asked beyond bind and attach. */
#include "explain.h"

const struct explain_row explain_devices[] = {
	{ OP(BIND_TOKEN), PHYS, SOURCE, EINVAL,
	  "the device is bound already, or needs no token; or the kernel takes none (needs Linux 6.17)",
	  "without --token it binds where no token is needed" },
	{ OP(BIND_TOKEN), ANY, SOURCE, EINVAL,
	  "the device is bound already, or takes no token; or the kernel takes none (needs Linux 6.17)",
	  "bind it without --token" },
	{ OP(BIND_TOKEN), ANY, SOURCE, EACCES, "the token is not that of the physical function, or none is set",
	  "the token is given to the physical function by the program that drives it" },
	{ OP(BIND_TOKEN), ANY, SOURCE, EFAULT, "the token cannot be read", NULL },

	{ OP(ATTACH_PASID), EMUL, SOURCE, EOPNOTSUPP, "an emulated device has no PASIDs", NULL },
	{ OP(ATTACH_PASID), ANY, SOURCE, EOPNOTSUPP, "the device, its driver or its IOMMU supports no PASIDs",
	  "'iommufdctl hw-info DEV' shows how many PASIDs there are" },
	{ OP(ATTACH_PASID), PHYS, SOURCE, EINVAL,
	  "not bound, no such PASID, a page table not made for PASIDs, or a kernel before Linux 6.15",
	  "page tables for it are made with: iommufdctl hwpt alloc --pasid" },
	{ OP(ATTACH_PASID), ANY, SOURCE, ENOSPC, "the PASID is beyond what the device can send",
	  "'iommufdctl hw-info DEV' shows how many PASIDs there are" },
	{ OP(DETACH_PASID), EMUL, SOURCE, EOPNOTSUPP, "an emulated device has no PASIDs", NULL },
	{ OP(DETACH_PASID), ANY, SOURCE, EOPNOTSUPP, "the device or its driver supports no PASIDs", NULL },
	{ OP(DETACH_PASID), ANY, SOURCE, EINVAL,
	  "the device is not bound, or the kernel knows no PASIDs (needs Linux 6.15)", NULL },
	{ 0 },
};
