/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VFIO device cdevs. */
#include "internal.h"
#include "uapi/vfio.h"

API int iommufd_device_open(const struct iommufd_device *device, int *ret_fd)
{
	int fd, rc = *device->cdev ? open_high(device->cdev, &fd) : set_errno(EOPNOTSUPP);

	if (rc < 0)
		return rc;
	rc = check_cdev(fd, device->name);
	if (rc < 0)
		return close_after(fd, rc);
	*ret_fd = fd;
	return 0;
}

API int iommufd_device_bind(int cdev, int iommufd, uint32_t *ret_id)
{
	struct uapi_vfio_device_bind_iommufd arg = {
		.argsz = offsetof(struct uapi_vfio_device_bind_iommufd, token_uuid_ptr), .iommufd = iommufd,
	};

	return ioctl_u32(IOMMUFD_OP_BIND, cdev, &arg, &arg.out_devid, ret_id);
}

API int iommufd_device_bind_token(int cdev, int iommufd, const unsigned char token[16], uint32_t *ret_id)
{
	struct uapi_vfio_device_bind_iommufd arg = {
		.argsz = sizeof(arg),
		.flags = UAPI_VFIO_DEVICE_BIND_FLAG_TOKEN,
		.iommufd = iommufd,
		.token_uuid_ptr = (uintptr_t)token,
	};

	return ioctl_u32(IOMMUFD_OP_BIND_TOKEN, cdev, &arg, &arg.out_devid, ret_id);
}

API int iommufd_device_attach(int cdev, uint32_t *pt)
{
	struct uapi_vfio_device_attach_iommufd_pt arg = {
		.argsz = offsetof(struct uapi_vfio_device_attach_iommufd_pt, pasid), .pt_id = *pt,
	};

	return ioctl_u32(IOMMUFD_OP_ATTACH, cdev, &arg, &arg.pt_id, pt);
}

API int iommufd_device_detach(int cdev)
{
	struct uapi_vfio_device_detach_iommufd_pt arg = {
		.argsz = offsetof(struct uapi_vfio_device_detach_iommufd_pt, pasid),
	};

	return do_ioctl(IOMMUFD_OP_DETACH, cdev, &arg);
}

API int iommufd_device_attach_pasid(int cdev, uint32_t pasid, uint32_t *pt)
{
	struct uapi_vfio_device_attach_iommufd_pt arg = {
		.argsz = sizeof(arg), .flags = UAPI_VFIO_DEVICE_ATTACH_PASID, .pt_id = *pt, .pasid = pasid,
	};

	return ioctl_u32(IOMMUFD_OP_ATTACH_PASID, cdev, &arg, &arg.pt_id, pt);
}

API int iommufd_device_detach_pasid(int cdev, uint32_t pasid)
{
	struct uapi_vfio_device_detach_iommufd_pt arg = {
		.argsz = sizeof(arg), .flags = UAPI_VFIO_DEVICE_DETACH_PASID, .pasid = pasid,
	};

	return do_ioctl(IOMMUFD_OP_DETACH_PASID, cdev, &arg);
}

API int iommufd_device_caps(int cdev, struct iommufd_device_caps *ret)
{
	struct uapi_vfio_device_info arg = { .argsz = sizeof(arg) };
	int rc = do_ioctl(IOMMUFD_OP_DEVICE_CAPS, cdev, &arg);

	if (rc == 0)
		*ret = (struct iommufd_device_caps){ arg.flags, arg.num_regions, arg.num_irqs };
	return rc;
}
