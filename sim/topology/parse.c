/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topology/parse.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_iommus(struct reader *reader, const json_t *root, struct topology *ret)
{
	json_t *list;
	int rc = 0;

	if (reader_list(reader, root, "iommus", TOPOLOGY_MOST_DEVICES, &list) < 0)
		return -1;
	ret->iommus = calloc(json_array_size(list) + 1, sizeof(*ret->iommus));
	if (!ret->iommus)
		return reader_fail(reader, "out of memory");
	reader_enter(reader, "iommus", 0);
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		struct topology_iommu *iommu = &ret->iommus[i];

		reader_enter(reader, NULL, i);
		rc = parse_iommu(reader, json_array_get(list, i), iommu);
		for (size_t k = 0; rc == 0 && k < i; k++)
			if (strcmp(ret->iommus[k].name, iommu->name) == 0)
				rc = reader_fail_key(reader, "name", "there are two IOMMUs '%s'", iommu->name);
		reader_leave(reader);
		iommu->description.name = iommu->name;
		iommu->description.hw_info = iommu->hw_info;
		ret->n_iommus += rc == 0;
	}
	reader_leave(reader);
	return rc;
}

/* What points into the device is set here: it stays where it is. */
static void settle(struct topology_device *device, size_t *cdevs)
{
	if (device->description.driver == SIM_DRIVER_VFIO)
		snprintf(device->cdev, sizeof(device->cdev), "vfio%zu", (*cdevs)++);
	device->device.regions = device->regions;
	device->description.regions = device->regions;
	device->description.reserved = device->reserved;
	device->description.address = device->address;
	device->description.data = &device->device;
}

static int parse_devices(struct reader *reader, const json_t *root, struct topology *ret)
{
	size_t cdevs = 0;
	json_t *list;
	int rc = 0;

	if (reader_list(reader, root, "devices", TOPOLOGY_MOST_DEVICES, &list) < 0)
		return -1;
	ret->devices = calloc(json_array_size(list) + 1, sizeof(*ret->devices));
	if (!ret->devices)
		return reader_fail(reader, "out of memory");
	reader_enter(reader, "devices", 0);
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		reader_enter(reader, NULL, i);
		rc = parse_device(reader, json_array_get(list, i), ret, &ret->devices[i]);
		reader_leave(reader);
		settle(&ret->devices[i], &cdevs);
		ret->n_devices += rc == 0;
	}
	reader_leave(reader);
	return rc;
}

static int parse_driver_name(struct reader *reader, json_t *value, char *buf, size_t len)
{
	json_t *named = json_pack("{sO}", "name", value);
	int rc = named ? reader_text(reader, named, "name", buf, len) : -1;

	json_decref(named);
	return rc;
}

static int parse_drivers(struct reader *reader, const json_t *root, struct topology *ret)
{
	json_t *list;
	int rc = 0;

	if (reader_list(reader, root, "drivers", TOPOLOGY_MOST_DRIVERS, &list) < 0)
		return -1;
	ret->drivers = calloc(json_array_size(list) + 1, sizeof(*ret->drivers));
	if (!ret->drivers)
		return reader_fail(reader, "out of memory");
	reader_enter(reader, "drivers", 0);
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		reader_enter(reader, NULL, i);
		rc = parse_driver_name(reader, json_array_get(list, i), ret->drivers[i],
				       sizeof(*ret->drivers));
		reader_leave(reader);
		ret->n_drivers += rc == 0;
	}
	reader_leave(reader);
	return rc;
}

static int parse_kernel(struct reader *reader, const json_t *root, struct topology *ret)
{
	const char *name;

	if (reader_text(reader, root, "kernel", ret->kernel, sizeof(ret->kernel)) < 0)
		return -1;
	for (size_t i = 0; *ret->kernel && (name = sim_kernel_name(i)); i++)
		if (strcmp(name, ret->kernel) == 0)
			return 0;
	return *ret->kernel ? reader_fail_key(reader, "kernel", "no kernel '%s' is known", ret->kernel) : 0;
}

int parse_topology(struct reader *reader, const json_t *root, struct topology *ret)
{
	static const char *const keys[] = { "kernel", "memlock", "unsafe-interrupts", "drivers", "iommus", "devices",
					    NULL };

	ret->memlock = SIM_UNLIMITED;
	if (reader_object(reader, root, keys) < 0 || parse_kernel(reader, root, ret) < 0 ||
	    reader_u64(reader, root, "memlock", INT64_MAX, &ret->memlock) < 0 ||
	    reader_bool(reader, root, "unsafe-interrupts", &ret->unsafe_interrupts) < 0 ||
	    parse_drivers(reader, root, ret) < 0 || parse_iommus(reader, root, ret) < 0)
		return -1;
	return parse_devices(reader, root, ret);
}
