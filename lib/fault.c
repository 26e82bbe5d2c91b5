/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Queues that are read: page faults of devices, events of virtual IOMMUs. */
#include "internal.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "uapi/iommufd.h"

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
static_assert(IOMMUFD_VEVENT_LOST == UAPI_IOMMU_VEVENTQ_FLAG_LOST_EVENTS, "ABI");

/* A queue without its fd is of no use: what cannot be handed out does not stay. */
static int hand_out(int iommufd, uint32_t id, uint32_t fd, uint32_t *ret_id, int *ret_fd)
{
	int high = lift_fd((int)fd);

	if (high < 0) {
		iommufd_destroy(iommufd, id);
		return fail(-high);
	}
	*ret_id = id;
	*ret_fd = high;
	return 0;
}

API int iommufd_fault_alloc(int fd, uint32_t *ret_id, int *ret_fd)
{
	struct uapi_iommu_fault_alloc arg = { .size = sizeof(arg) };
	int rc = do_ioctl(IOMMUFD_OP_FAULT_ALLOC, fd, &arg);

	return rc < 0 ? rc : hand_out(fd, arg.out_fault_id, arg.out_fault_fd, ret_id, ret_fd);
}

API int iommufd_veventq_alloc(int fd, uint32_t viommu, uint32_t type, uint32_t depth, uint32_t *ret_id,
			      int *ret_fd)
{
	struct uapi_iommu_veventq_alloc arg = {
		.size = sizeof(arg),
		.viommu_id = viommu,
		.type = type,
		.veventq_depth = depth,
	};
	int rc = do_ioctl(IOMMUFD_OP_VEVENTQ_ALLOC, fd, &arg);

	return rc < 0 ? rc : hand_out(fd, arg.out_veventq_id, arg.out_veventq_fd, ret_id, ret_fd);
}

/* Bytes, not more than an int can count. */
static int read_some(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size > INT_MAX ? INT_MAX : size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : (int)n;
}

/* So many records of a size that their bytes can be counted in an int. */
static size_t cut(size_t n, size_t size)
{
	return n > INT_MAX / size ? INT_MAX / size : n;
}

API int iommufd_fault_read(int fault_fd, struct iommufd_fault *faults, size_t n)
{
	int got = read_some(fault_fd, faults, cut(n, sizeof(*faults)) * sizeof(*faults));

	if (got < 0)
		return got;
	return got % (int)sizeof(*faults) ? fail(EBADMSG) : got / (int)sizeof(*faults);
}

API int iommufd_fault_respond(int fault_fd, const struct iommufd_fault_response *responses, size_t n)
{
	ssize_t done;

	do
		done = write(fault_fd, responses, cut(n, sizeof(*responses)) * sizeof(*responses));
	while (done < 0 && errno == EINTR);
	return done < 0 ? -errno : (int)done / (int)sizeof(*responses);
}

API int iommufd_veventq_read(int veventq_fd, void *buf, size_t size)
{
	return read_some(veventq_fd, buf, size);
}

API int iommufd_vevent_next(const void *buf, size_t size, size_t data_length, size_t *offset,
			    struct iommufd_vevent *ret)
{
	struct uapi_iommufd_vevent_header header;
	size_t left = *offset < size ? size - *offset : 0, length;

	if (!left)
		return 0;
	if (left < sizeof(header))
		return fail(EBADMSG);
	memcpy(&header, (const char *)buf + *offset, sizeof(header));
	length = header.flags & IOMMUFD_VEVENT_LOST ? 0 : data_length;
	if (left - sizeof(header) < length)
		return fail(EBADMSG);
	*ret = (struct iommufd_vevent){ header.flags, header.sequence,
					(const char *)buf + *offset + sizeof(header), length };
	*offset += sizeof(header) + length;
	return 1;
}
