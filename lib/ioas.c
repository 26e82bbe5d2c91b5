/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* I/O address spaces. */
#include "internal.h"
#include "uapi/iommufd.h"

#include <limits.h>

/* The public flags and structs are the kernel's: say so where it would break. */
static_assert(IOMMUFD_MAP_FIXED == UAPI_IOAS_MAP_FIXED_IOVA, "ABI");
static_assert(IOMMUFD_MAP_WRITE == UAPI_IOAS_MAP_WRITEABLE, "ABI");
static_assert(IOMMUFD_MAP_READ == UAPI_IOAS_MAP_READABLE, "ABI");
static_assert(sizeof(struct iommufd_range) == sizeof(struct uapi_iommu_iova_range), "ABI");

API int iommufd_ioas_alloc(int fd, uint32_t *ret_id)
{
	struct uapi_iommu_ioas_alloc arg = { .size = sizeof(arg) };

	return ioctl_u32(IOMMUFD_OP_IOAS_ALLOC, fd, &arg, &arg.out_ioas_id, ret_id);
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
		return set_errno(EOVERFLOW);
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

	return ioctl_u64(IOMMUFD_OP_IOAS_MAP, fd, &arg, &arg.iova, iova);
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

	return ioctl_u64(IOMMUFD_OP_IOAS_MAP_FILE, fd, &arg, &arg.iova, iova);
}

API int iommufd_ioas_unmap(int fd, uint32_t ioas, uint64_t iova, uint64_t length, uint64_t *ret_length)
{
	struct uapi_iommu_ioas_unmap arg = {
		.size = sizeof(arg), .ioas_id = ioas, .iova = iova, .length = length,
	};
	int rc = do_ioctl(IOMMUFD_OP_IOAS_UNMAP, fd, &arg);

	if (rc == 0 && ret_length)
		*ret_length = arg.length;
	return rc;
}

API int iommufd_ioas_copy(int fd, uint32_t dst, uint32_t src, unsigned int flags, uint64_t src_iova,
			  uint64_t length, uint64_t *iova)
{
	struct uapi_iommu_ioas_copy arg = {
		.size = sizeof(arg),
		.flags = flags,
		.dst_ioas_id = dst,
		.src_ioas_id = src,
		.length = length,
		.dst_iova = flags & IOMMUFD_MAP_FIXED ? *iova : 0,
		.src_iova = src_iova,
	};

	return ioctl_u64(IOMMUFD_OP_IOAS_COPY, fd, &arg, &arg.dst_iova, iova);
}

API int iommufd_ioas_allow(int fd, uint32_t ioas, const struct iommufd_range *ranges, size_t n)
{
	struct uapi_iommu_ioas_allow_iovas arg = {
		.size = sizeof(arg),
		.ioas_id = ioas,
		.num_iovas = (uint32_t)n,
		.allowed_iovas = (uintptr_t)ranges,
	};

	/* Cut to 32 bits, it would quietly allow less, or all. */
	return n > UINT32_MAX ? set_errno(E2BIG) : do_ioctl(IOMMUFD_OP_IOAS_ALLOW, fd, &arg);
}

API int iommufd_ioas_change_process(int fd)
{
	struct uapi_iommu_ioas_change_process arg = { .size = sizeof(arg) };

	return do_ioctl(IOMMUFD_OP_IOAS_CHANGE_PROCESS, fd, &arg);
}

API int iommufd_ioas_noiommu_pa(int fd, uint32_t ioas, uint64_t iova, uint64_t *length, uint64_t *ret_phys)
{
	struct uapi_iommu_ioas_noiommu_get_pa arg = {
		.size = sizeof(arg), .ioas_id = ioas, .iova = iova, .length = *length,
	};
	int rc = ioctl_u64(IOMMUFD_OP_IOAS_NOIOMMU_GET_PA, fd, &arg, &arg.out_phys, ret_phys);

	if (rc == 0)
		*length = arg.length;
	return rc;
}

API int iommufd_vfio_ioas_get(int fd, uint32_t *ret_id)
{
	struct uapi_iommu_vfio_ioas arg = { .size = sizeof(arg), .op = UAPI_IOMMU_VFIO_IOAS_GET };

	return ioctl_u32(IOMMUFD_OP_VFIO_IOAS_GET, fd, &arg, &arg.ioas_id, ret_id);
}

API int iommufd_vfio_ioas_set(int fd, uint32_t ioas)
{
	struct uapi_iommu_vfio_ioas arg = {
		.size = sizeof(arg), .ioas_id = ioas, .op = UAPI_IOMMU_VFIO_IOAS_SET,
	};

	return do_ioctl(IOMMUFD_OP_VFIO_IOAS_SET, fd, &arg);
}

API int iommufd_vfio_ioas_clear(int fd)
{
	struct uapi_iommu_vfio_ioas arg = { .size = sizeof(arg), .op = UAPI_IOMMU_VFIO_IOAS_CLEAR };

	return do_ioctl(IOMMUFD_OP_VFIO_IOAS_CLEAR, fd, &arg);
}
