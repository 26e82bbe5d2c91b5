/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Explanations: what an IOAS and an iommufd can beyond mapping. */
#include "explain.h"

const struct explain_row explain_space[] = {
	{ OP(IOAS_COPY), ANY, SEEN, ENOENT, "no IOAS has this id, or the source is not wholly mapped",
	  "'iommufdctl show' lists the objects and the mappings" },
	{ OP(IOAS_COPY), ANY, SEEN, EINVAL,
	  "the IOVA range is unaligned, empty, or outside what the IOAS allows; or neither read nor write", SHOW_RANGES },
	{ OP(IOAS_COPY), ANY, SEEN, EPERM, "the source is mapped for reading only, the copy asks for writing",
	  "copy it for reading, or map the source for writing as well" },
	{ OP(IOAS_COPY), ANY, SEEN, EEXIST, "the IOVA range overlaps a mapping", SHOW_MAPPINGS },
	{ OP(IOAS_COPY), ANY, SEEN, ENOSPC, "no free IOVA range is long enough", SHOW_USABLE },
	{ OP(IOAS_COPY), ANY, SEEN, EOVERFLOW, "the range runs past the end of the address space" },
	{ OP(IOAS_COPY), ANY, SEEN, EFAULT, "the memory cannot be pinned" },
	{ OP(IOAS_COPY), ANY, SEEN, ENOMEM, "pinning the memory failed: RLIMIT_MEMLOCK, or out of memory", MAY_PIN },

	{ OP(IOAS_ALLOW), ANY, SEEN, ENOENT, "no IOAS has this id", SHOW_OBJECTS },
	{ OP(IOAS_ALLOW), ANY, SEEN, EINVAL, "a range is empty or a single byte, or two ranges overlap" },
	{ OP(IOAS_ALLOW), ANY, SEEN, EADDRINUSE, "an attached device reserves some of these addresses", SHOW_USABLE },

	{ OP(IOAS_CHANGE_PROCESS), ANY, SEEN_6_12, ENOTTY,
	  "this kernel cannot move the accounting to another process (needs Linux 6.13)" },
	{ OP(IOAS_CHANGE_PROCESS), ANY, SEEN_7_2, EINVAL, "some mapping is of a process's memory, not of a file",
	  "memory of 'mem create' is mapped as a file" },
	{ OP(IOAS_CHANGE_PROCESS), ANY, SEEN_7_2, ENOMEM, "the mappings do not fit this process's RLIMIT_MEMLOCK", MAY_PIN },

	{ OP(IOAS_NOIOMMU_GET_PA), ANY, SOURCE, ENOENT, "no IOAS has this id, or nothing is mapped at this address",
	  "'iommufdctl show' lists the objects and the mappings" },
	{ OP(IOAS_NOIOMMU_GET_PA), ANY, SOURCE, EINVAL, "the length is 0" },
	{ OP(IOAS_NOIOMMU_GET_PA), ANY, SOURCE, ENOTTY, "this kernel does not tell where memory lies (needs Linux 7.3)" },

	{ OP(VFIO_IOAS_GET), ANY, SEEN, ENODEV, "no IOAS is set for programs of the VFIO container interface",
	  "set one: iommufdctl vfio-ioas set IOAS" },
	{ OP(VFIO_IOAS_SET), ANY, SEEN, ENOENT, "no IOAS has this id", SHOW_OBJECTS },
	{ 0 },
};
