/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a device has: regions, interrupts, and the capability chains behind the kernel's answers. */
#include "internal.h"
#include "uapi/vfio.h"

#include <limits.h>
#include <string.h>

static_assert(IOMMUFD_DEVICE_RESET == UAPI_VFIO_DEVICE_FLAGS_RESET, "ABI");
static_assert(IOMMUFD_DEVICE_PCI == UAPI_VFIO_DEVICE_FLAGS_PCI, "ABI");
static_assert(IOMMUFD_DEVICE_PLATFORM == UAPI_VFIO_DEVICE_FLAGS_PLATFORM, "ABI");
static_assert(IOMMUFD_DEVICE_AMBA == UAPI_VFIO_DEVICE_FLAGS_AMBA, "ABI");
static_assert(IOMMUFD_DEVICE_CCW == UAPI_VFIO_DEVICE_FLAGS_CCW, "ABI");
static_assert(IOMMUFD_DEVICE_AP == UAPI_VFIO_DEVICE_FLAGS_AP, "ABI");
static_assert(IOMMUFD_DEVICE_FSL_MC == UAPI_VFIO_DEVICE_FLAGS_FSL_MC, "ABI");
static_assert(IOMMUFD_DEVICE_CAPS == UAPI_VFIO_DEVICE_FLAGS_CAPS, "ABI");
static_assert(IOMMUFD_DEVICE_CDX == UAPI_VFIO_DEVICE_FLAGS_CDX, "ABI");
static_assert(IOMMUFD_DEVICE_CAP_PCI_ATOMIC == UAPI_VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP, "ABI");
static_assert(IOMMUFD_REGION_READ == UAPI_VFIO_REGION_INFO_FLAG_READ, "ABI");
static_assert(IOMMUFD_REGION_WRITE == UAPI_VFIO_REGION_INFO_FLAG_WRITE, "ABI");
static_assert(IOMMUFD_REGION_MMAP == UAPI_VFIO_REGION_INFO_FLAG_MMAP, "ABI");
static_assert(IOMMUFD_REGION_CAPS == UAPI_VFIO_REGION_INFO_FLAG_CAPS, "ABI");
static_assert((int)IOMMUFD_REGION_CAP_SPARSE_MMAP == UAPI_VFIO_REGION_INFO_CAP_SPARSE_MMAP, "ABI");
static_assert((int)IOMMUFD_REGION_CAP_TYPE == UAPI_VFIO_REGION_INFO_CAP_TYPE, "ABI");
static_assert((int)IOMMUFD_REGION_CAP_MSIX_MAPPABLE == UAPI_VFIO_REGION_INFO_CAP_MSIX_MAPPABLE, "ABI");
static_assert(sizeof(struct iommufd_span) == sizeof(struct uapi_vfio_region_sparse_mmap_area), "ABI");
static_assert(IOMMUFD_PCI_IRQ_REQUEST == UAPI_VFIO_PCI_REQ_IRQ_INDEX, "ABI");
static_assert(IOMMUFD_IRQ_EVENTFD == UAPI_VFIO_IRQ_INFO_EVENTFD, "ABI");
static_assert(IOMMUFD_IRQ_MASKABLE == UAPI_VFIO_IRQ_INFO_MASKABLE, "ABI");
static_assert(IOMMUFD_IRQ_AUTOMASKED == UAPI_VFIO_IRQ_INFO_AUTOMASKED, "ABI");
static_assert(IOMMUFD_IRQ_NORESIZE == UAPI_VFIO_IRQ_INFO_NORESIZE, "ABI");

/* How answers with a chain begin. */
struct answer {
	uint32_t argsz;
	uint32_t flags;
};

/*
 * Ask twice: first without room for the chain, to learn how long it is. Asked with room to spare the kernel
 * does not say where the last capability ends. base: the struct, filled; it becomes the answer.
 */
static int ask_with_caps(enum iommufd_op op, int cdev, struct answer *base, size_t base_size,
			 uint32_t caps_flag, void *buf, size_t size)
{
	struct answer *whole = buf;
	uint32_t needed;
	int rc;

	base->argsz = (uint32_t)base_size;
	rc = do_ioctl(op, cdev, base);
	needed = base->argsz;
	if (rc < 0 || !(base->flags & caps_flag) || needed <= base_size)
		return rc;
	if (needed > INT_MAX)
		return set_errno(EOVERFLOW);
	if (needed > size)
		return (int)needed;
	memset(buf, 0, needed);
	memcpy(buf, base, base_size);
	whole->flags = 0;
	rc = do_ioctl(op, cdev, buf);
	if (rc < 0)
		return rc;
	memcpy(base, buf, base_size);
	/* It has grown in between. */
	if (base->argsz > INT_MAX)
		return set_errno(EOVERFLOW);
	return base->argsz > needed ? (int)base->argsz : (int)needed;
}

API int iommufd_device_info(int cdev, void *buf, size_t size, struct iommufd_device_info *ret)
{
	union {
		struct answer answer;
		struct uapi_vfio_device_info info;
	} arg = { .info = { 0 } };
	int rc = ask_with_caps(IOMMUFD_OP_DEVICE_CAPS, cdev, &arg.answer, sizeof(arg.info),
			       UAPI_VFIO_DEVICE_FLAGS_CAPS, buf, size);

	if (rc >= 0)
		*ret = (struct iommufd_device_info){
			arg.info.flags, arg.info.num_regions, arg.info.num_irqs,
			rc && (size_t)rc <= size ? arg.info.cap_offset : 0,
		};
	return rc;
}

API int iommufd_device_region(int cdev, uint32_t index, void *buf, size_t size, struct iommufd_region *ret)
{
	union {
		struct answer answer;
		struct uapi_vfio_region_info info;
	} arg = { .info = { .index = index } };
	int rc = ask_with_caps(IOMMUFD_OP_REGION_INFO, cdev, &arg.answer, sizeof(arg.info),
			       UAPI_VFIO_REGION_INFO_FLAG_CAPS, buf, size);

	if (rc >= 0)
		*ret = (struct iommufd_region){
			arg.info.flags, rc && (size_t)rc <= size ? arg.info.cap_offset : 0,
			arg.info.size, arg.info.offset,
		};
	return rc;
}

API int iommufd_cap_next(const void *buf, size_t size, uint32_t *next, struct iommufd_cap *ret)
{
	struct uapi_vfio_info_cap_header header;
	size_t data = *next + sizeof(header), end = size;

	if (!*next)
		return 0;
	if (data > size)
		return set_errno(EBADMSG);
	memcpy(&header, (const char *)buf + *next, sizeof(header));
	/* Only forward, so that there is an end; and from behind this one, so that none is in two. */
	if (header.next && (header.next < data || header.next > size))
		return set_errno(EBADMSG);
	if (header.next)
		end = header.next;
	*ret = (struct iommufd_cap){ header.id, header.version, (const char *)buf + data, end - data };
	*next = header.next;
	return 1;
}

API int iommufd_region_areas(const struct iommufd_cap *cap, struct iommufd_span *areas, size_t n)
{
	const size_t head = sizeof(struct uapi_vfio_region_info_cap_sparse_mmap) -
			    sizeof(struct uapi_vfio_info_cap_header);
	uint32_t count;

	if (cap->id != IOMMUFD_REGION_CAP_SPARSE_MMAP)
		return set_errno(EINVAL);
	if (cap->length < head)
		return set_errno(EBADMSG);
	memcpy(&count, cap->data, sizeof(count));
	if (count > INT_MAX || count > (cap->length - head) / sizeof(*areas))
		return set_errno(EBADMSG);
	if (n > count)
		n = count;
	if (n)
		memcpy(areas, (const char *)cap->data + head, n * sizeof(*areas));
	return (int)count;
}

API int iommufd_device_irq(int cdev, uint32_t index, struct iommufd_irq *ret)
{
	struct uapi_vfio_irq_info arg = { .argsz = sizeof(arg), .index = index };
	int rc = do_ioctl(IOMMUFD_OP_IRQ_INFO, cdev, &arg);

	if (rc == 0)
		*ret = (struct iommufd_irq){ arg.flags, arg.count };
	return rc;
}

API int iommufd_device_irq_eventfd(int cdev, uint32_t index, int eventfd)
{
	struct {
		struct uapi_vfio_irq_set head;
		int32_t eventfd;
	} arg = {
		.head = {
			.argsz = sizeof(arg),
			.flags = UAPI_VFIO_IRQ_SET_DATA_EVENTFD | UAPI_VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = index,
			.count = 1,
		},
		.eventfd = eventfd,
	};

	return do_ioctl(IOMMUFD_OP_IRQ_SET, cdev, &arg);
}
