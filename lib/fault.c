/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Queues of page faults: what devices fault on is read from them, and what became of it is written. */
#include "internal.h"
#include "uapi/iommufd.h"

#include <limits.h>
#include <unistd.h>

/* Faults and answers go over the fd as they are. */
#define SAME(ours, theirs) \
	static_assert(offsetof(struct iommufd_fault, ours) == offsetof(struct uapi_iommu_hwpt_pgfault, theirs), "ABI")
static_assert(sizeof(struct iommufd_fault) == sizeof(struct uapi_iommu_hwpt_pgfault), "ABI");
SAME(flags, flags);
SAME(device, dev_id);
SAME(pasid, pasid);
SAME(group, grpid);
SAME(access, perm);
SAME(address, addr);
SAME(length, length);
SAME(cookie, cookie);
static_assert(IOMMUFD_FAULT_PASID == UAPI_IOMMU_PGFAULT_FLAGS_PASID_VALID, "ABI");
static_assert(IOMMUFD_FAULT_LAST == UAPI_IOMMU_PGFAULT_FLAGS_LAST_PAGE, "ABI");
static_assert(IOMMUFD_FAULT_READ == UAPI_IOMMU_PGFAULT_PERM_READ, "ABI");
static_assert(IOMMUFD_FAULT_WRITE == UAPI_IOMMU_PGFAULT_PERM_WRITE, "ABI");
static_assert(IOMMUFD_FAULT_EXEC == UAPI_IOMMU_PGFAULT_PERM_EXEC, "ABI");
static_assert(IOMMUFD_FAULT_PRIVILEGED == UAPI_IOMMU_PGFAULT_PERM_PRIV, "ABI");
static_assert(sizeof(struct iommufd_fault_response) == sizeof(struct uapi_iommu_hwpt_page_response), "ABI");
static_assert(offsetof(struct iommufd_fault_response, code) ==
	      offsetof(struct uapi_iommu_hwpt_page_response, code), "ABI");

API int iommufd_fault_alloc(int fd, uint32_t *ret_id, int *ret_fd)
{
	struct uapi_iommu_fault_alloc arg = { .size = sizeof(arg) };
	int rc = do_ioctl(IOMMUFD_OP_FAULT_ALLOC, fd, &arg);

	return rc < 0 ? rc : hand_out_queue(fd, arg.out_fault_id, arg.out_fault_fd, ret_id, ret_fd);
}

/* So many records of a size that their bytes can be counted in an int. */
static size_t cap_count(size_t n, size_t size)
{
	return n > INT_MAX / size ? INT_MAX / size : n;
}

API int iommufd_fault_read(int fault_fd, struct iommufd_fault *faults, size_t n)
{
	int got = read_queue(fault_fd, faults, cap_count(n, sizeof(*faults)) * sizeof(*faults));

	if (got < 0)
		return got;
	return got % (int)sizeof(*faults) ? set_errno(EBADMSG) : got / (int)sizeof(*faults);
}

API int iommufd_fault_respond(int fault_fd, const struct iommufd_fault_response *responses, size_t n)
{
	const size_t size = cap_count(n, sizeof(*responses)) * sizeof(*responses);
	ssize_t done = TEMP_FAILURE_RETRY(write(fault_fd, responses, size));

	return done < 0 ? -errno : (int)done / (int)sizeof(*responses);
}
