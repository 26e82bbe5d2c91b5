/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/welcome.h"
#include <string.h>

#include "engine/help.h"
#include "machine/iommu.h"

/* "an IOMMU (Intel's), on" */
static void put_iommu(struct buffer *out)
{
	static const char *const makers[] = {
		[FIRMWARE_INTEL] = " (Intel's)", [FIRMWARE_AMD] = " (AMD's)", [FIRMWARE_ARM] = " (Arm's)",
	};
	enum machine_firmware firmware = machine_firmware();
	const char *maker = firmware < ARRAY_SIZE(makers) && makers[firmware] ? makers[firmware] : "";

	if (machine_iommu_is_on())
		buf_format(out, "an IOMMU%s, which is on", maker);
	else if (*maker)
		buf_format(out, "an IOMMU%s, which is off", maker);
	else
		buf_str(out, firmware == FIRMWARE_NONE ? "no IOMMU" : "no IOMMU that is on");
}

static void put_devices(struct buffer *out, size_t count)
{
	if (count)
		buf_format(out, "%zu VFIO device%s", count, count == 1 ? "" : "s");
	else
		buf_str(out, "no VFIO device");
}

/* A word for the first one that can be bound: its address, where that is short. NULL: there is none. */
static const char *first_device(const struct iommufd_device_list *list)
{
	enum { LONG_WORD = 16 };
	const struct iommufd_device *device;

	for (size_t i = 0; (device = iommufd_device_list_at(list, i)); i++)
		if (*device->cdev)
			return *device->address && strlen(device->address) < LONG_WORD ? device->address
										       : device->name;
	return NULL;
}

int welcome(const struct call *call)
{
	struct buffer *out = call->output->err;
	struct iommufd_device_list *list = NULL;
	unsigned int major, minor;
	const char *device;

	iommufd_device_list_new(&list); /* where nobody knows there is none */
	buf_str(out, "Devices for programs of your own, behind an IOMMU: Linux iommufd and VFIO.\n"
		     "This machine: ");
	put_iommu(out);
	buf_format(out, "; %siommufd; ", machine_iommufd_numbers(&major, &minor) ? "" : "no ");
	put_devices(out, list ? iommufd_device_list_count(list) : 0);
	buf_str(out, ".\n\n");
	device = list ? first_device(list) : NULL;
	help_first_steps(out, device ? STEPS_WITH_DEVICE : STEPS_WITHOUT_DEVICE, device ?: "DEV");
	buf_str(out, "\n'" PROGRAM " help' has all verbs, '" PROGRAM " help bind' one of them,\n"
		     "'man " PROGRAM "' everything.\n");
	iommufd_device_list_free(list);
	return EXIT_USAGE;
}
