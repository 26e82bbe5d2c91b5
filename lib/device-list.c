/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All devices that have a VFIO driver, as a list. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

struct iommufd_device_list {
	size_t count, cap;
	struct iommufd_device *devices;
};

/* "vfioN", or "noiommu-vfioN" */
static int32_t cdev_number(const struct iommufd_device *device)
{
	return parse_decimal(strrchr(device->name, 'o') + 1);
}

static int by_number(const void *a, const void *b)
{
	int32_t x = cdev_number(a), y = cdev_number(b);

	return (x > y) - (x < y);
}

static int add_to_list(void *arg, const struct iommufd_device *device)
{
	struct iommufd_device_list *list = arg;

	if (list->count == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 16;
		void *grown = reallocarray(list->devices, cap, sizeof(*list->devices));

		if (!grown)
			return set_errno(ENOMEM);
		list->devices = grown;
		list->cap = cap;
	}
	list->devices[list->count++] = *device;
	return 0;
}

API int iommufd_device_list_new(struct iommufd_device_list **ret)
{
	struct iommufd_device_list *list = calloc(1, sizeof(*list));
	int rc;

	if (!list)
		return set_errno(ENOMEM);
	rc = each_device(add_to_list, list);
	if (rc < 0) {
		iommufd_device_list_free(list);
		return set_errno(-rc);
	}
	if (list->count)
		qsort(list->devices, list->count, sizeof(*list->devices), by_number);
	*ret = list;
	return 0;
}

API void iommufd_device_list_free(struct iommufd_device_list *list)
{
	if (list)
		free(list->devices);
	free(list);
}

API size_t iommufd_device_list_count(const struct iommufd_device_list *list)
{
	return list->count;
}

API const struct iommufd_device *iommufd_device_list_at(const struct iommufd_device_list *list, size_t i)
{
	return i < list->count ? &list->devices[i] : NULL;
}
