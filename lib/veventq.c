/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Queues of events: what a virtual IOMMU has to report to its guest. */
#include "internal.h"
#include "uapi/iommufd.h"

#include <string.h>

static_assert(IOMMUFD_VEVENT_LOST == UAPI_IOMMU_VEVENTQ_FLAG_LOST_EVENTS, "ABI");

API int iommufd_veventq_alloc(int fd, uint32_t viommu, uint32_t type, uint32_t depth, uint32_t *ret_id,
			      int *ret_fd)
{
	struct uapi_iommu_veventq_alloc arg = {
		.size = sizeof(arg), .viommu_id = viommu, .type = type, .veventq_depth = depth,
	};
	int rc = do_ioctl(IOMMUFD_OP_VEVENTQ_ALLOC, fd, &arg);

	return rc < 0 ? rc : hand_out_queue(fd, arg.out_veventq_id, arg.out_veventq_fd, ret_id, ret_fd);
}

API int iommufd_veventq_read(int veventq_fd, void *buf, size_t size)
{
	return read_queue(veventq_fd, buf, size);
}

API int iommufd_vevent_next(const void *buf, size_t size, size_t data_length, size_t *offset,
			    struct iommufd_vevent *ret)
{
	struct uapi_iommufd_vevent_header header;
	size_t left = *offset < size ? size - *offset : 0, length;

	if (!left)
		return 0;
	if (left < sizeof(header))
		return set_errno(EBADMSG);
	memcpy(&header, (const char *)buf + *offset, sizeof(header));
	length = header.flags & IOMMUFD_VEVENT_LOST ? 0 : data_length;
	if (left - sizeof(header) < length)
		return set_errno(EBADMSG);
	*ret = (struct iommufd_vevent){ header.flags, header.sequence,
					(const char *)buf + *offset + sizeof(header), length };
	*offset += sizeof(header) + length;
	return 1;
}
