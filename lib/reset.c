/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resets: of a device alone, and of all that share its slot or bus. */
#include "internal.h"
#include "uapi/vfio.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(struct iommufd_reset_device) == sizeof(struct uapi_vfio_pci_dependent_device), "ABI");
static_assert(offsetof(struct iommufd_reset_device, devfn) ==
	      offsetof(struct uapi_vfio_pci_dependent_device, devfn), "ABI");
static_assert(IOMMUFD_HOT_RESET_IDS == UAPI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID, "ABI");
static_assert(IOMMUFD_HOT_RESET_OWNED == UAPI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED, "ABI");
static_assert(IOMMUFD_RESET_OWNED == UAPI_VFIO_PCI_DEVID_OWNED, "ABI");
static_assert(IOMMUFD_RESET_NOT_OWNED == (uint32_t)UAPI_VFIO_PCI_DEVID_NOT_OWNED, "ABI");

API int iommufd_device_reset(int cdev)
{
	return do_ioctl(IOMMUFD_OP_RESET, cdev, NULL);
}

/* The header and the devices behind it are one struct to the kernel. 0, or how many there are. */
static int ask_devices(int cdev, struct uapi_vfio_pci_hot_reset_info *arg, size_t n)
{
	int rc;

	arg->argsz = (uint32_t)(sizeof(*arg) + n * sizeof(struct uapi_vfio_pci_dependent_device));
	rc = do_ioctl(IOMMUFD_OP_HOT_RESET_INFO, cdev, arg);
	/* Too little room is an answer: the count is there. */
	if (rc < 0 && (rc != -ENOSPC || arg->count <= n))
		return rc;
	return arg->count > INT_MAX ? set_errno(EOVERFLOW) : (int)arg->count;
}

API int iommufd_device_hot_reset_info(int cdev, struct iommufd_reset_device *devices, size_t n,
				      unsigned int *ret_flags)
{
	struct uapi_vfio_pci_hot_reset_info *arg;
	int rc;

	/* More than a bus can have: the length is to fit the kernel's 32 bits. */
	if (n > 65536)
		n = 65536;
	arg = calloc(1, sizeof(*arg) + n * sizeof(*devices));
	if (!arg)
		return set_errno(ENOMEM);
	rc = ask_devices(cdev, arg, n);
	if (rc >= 0) {
		if (rc && n)
			memcpy(devices, arg + 1, ((size_t)rc < n ? (size_t)rc : n) * sizeof(*devices));
		if (ret_flags)
			*ret_flags = arg->flags;
	}
	free(arg);
	return rc < 0 ? set_errno(-rc) : rc;
}

API int iommufd_device_hot_reset(int cdev)
{
	struct uapi_vfio_pci_hot_reset arg = { .argsz = sizeof(arg) };

	return do_ioctl(IOMMUFD_OP_HOT_RESET, cdev, &arg);
}
