/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* I/O address spaces. */
#include "internal.h"

#include <limits.h>

#include "uapi/iommufd.h"

/* The public flags and structs are the kernel's: say so where it would break. */
static_assert(IOMMUFD_MAP_FIXED == UAPI_IOAS_MAP_FIXED_IOVA, "ABI");
static_assert(IOMMUFD_MAP_WRITE == UAPI_IOAS_MAP_WRITEABLE, "ABI");
static_assert(IOMMUFD_MAP_READ == UAPI_IOAS_MAP_READABLE, "ABI");
static_assert(sizeof(struct iommufd_range) == sizeof(struct uapi_iommu_iova_range), "ABI");

API int iommufd_ioas_alloc(int fd, uint32_t *ret_id)
{
	struct uapi_iommu_ioas_alloc arg = { .size = sizeof(arg) };
	int rc = do_ioctl(IOMMUFD_OP_IOAS_ALLOC, fd, &arg);

	if (rc == 0)
		*ret_id = arg.out_ioas_id;
	return rc;
}

API int iommufd_ioas_ranges(int fd, uint32_t ioas, struct iommufd_range *ranges, size_t cap,
			    uint64_t *ret_alignment)
{
	struct uapi_iommu_ioas_iova_ranges arg = {
		.size = sizeof(arg),
		.ioas_id = ioas,
		.num_iovas = cap > INT_MAX ? INT_MAX : (uint32_t)cap,
		.allowed_iovas = (uintptr_t)ranges,
	};
	int rc = do_ioctl(IOMMUFD_OP_IOAS_RANGES, fd, &arg);

	/* EMSGSIZE is an answer: the array is filled, and num_iovas says how many there are. */
	if (rc < 0 && rc != -EMSGSIZE)
		return rc;
	if (arg.num_iovas > INT_MAX)
		return fail(EOVERFLOW);
	if (ret_alignment)
		*ret_alignment = arg.out_iova_alignment;
	return (int)arg.num_iovas;
}

API int iommufd_ioas_map(int fd, uint32_t ioas, unsigned int flags, void *va, uint64_t length,
			 uint64_t *iova)
{
	struct uapi_iommu_ioas_map arg = {
		.size = sizeof(arg),
		.flags = flags,
		.ioas_id = ioas,
		.user_va = (uintptr_t)va,
		.length = length,
		.iova = flags & IOMMUFD_MAP_FIXED ? *iova : 0,
	};
	int rc = do_ioctl(IOMMUFD_OP_IOAS_MAP, fd, &arg);

	if (rc == 0)
		*iova = arg.iova;
	return rc;
}

API int iommufd_ioas_map_file(int fd, uint32_t ioas, unsigned int flags, int memfd, uint64_t offset,
			      uint64_t length, uint64_t *iova)
{
	struct uapi_iommu_ioas_map_file arg = {
		.size = sizeof(arg),
		.flags = flags,
		.ioas_id = ioas,
		.fd = memfd,
		.start = offset,
		.length = length,
		.iova = flags & IOMMUFD_MAP_FIXED ? *iova : 0,
	};
	int rc = do_ioctl(IOMMUFD_OP_IOAS_MAP_FILE, fd, &arg);

	if (rc == 0)
		*iova = arg.iova;
	return rc;
}

API int iommufd_ioas_unmap(int fd, uint32_t ioas, uint64_t iova, uint64_t length, uint64_t *ret_length)
{
	struct uapi_iommu_ioas_unmap arg = {
		.size = sizeof(arg),
		.ioas_id = ioas,
		.iova = iova,
		.length = length,
	};
	int rc = do_ioctl(IOMMUFD_OP_IOAS_UNMAP, fd, &arg);

	if (rc == 0 && ret_length)
		*ret_length = arg.length;
	return rc;
}
