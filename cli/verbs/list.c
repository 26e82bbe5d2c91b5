/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list: the VFIO devices of this machine. */
#include "verbs/list.h"
#include "context/device.h"
#include "output/table.h"
#include "session/wanted.h"

static bool next_in_list(const void *arg, size_t *cursor, struct value *row)
{
	const struct iommufd_device *device = iommufd_device_list_at(arg, (*cursor)++);

	if (!device)
		return false;
	row[0].text = device->name;
	row[1].text = *device->address ? device->address : NULL;
	row[2].text = *device->driver ? device->driver : NULL;
	row[3].none = device->group < 0;
	row[3].number = row[3].none ? 0 : (uint64_t)device->group;
	row[4].text = device_kind_name(device->kind);
	row[5].text = *device->cdev ? device->cdev : NULL;
	return true;
}

static int run_list(struct call *call)
{
	static const struct column columns[] = {
		{ "device", "DEVICE", COLUMN_TEXT }, { "address", "ADDRESS", COLUMN_TEXT },
		{ "driver", "DRIVER", COLUMN_TEXT }, { "group", "GROUP", COLUMN_NUMBER },
		{ "kind", "KIND", COLUMN_TEXT }, { "cdev", "CDEV", COLUMN_TEXT },
	};
	struct iommufd_device_list *list;
	int rc = iommufd_device_list_new(&list);

	if (rc < 0)
		return msg_fail_errno(call->output, "/sys/class/vfio-dev", rc);
	if (!iommufd_device_list_count(list))
		msg_verbose(call->output,
			    "no device has a VFIO driver, or this kernel has no VFIO_DEVICE_CDEV");
	print_table(call->output, "devices", ROWS(columns, next_in_list, list));
	iommufd_device_list_free(list);
	sessions_note_wanted(call->output);
	return EXIT_DONE;
}

const struct verb verb_list = {
	.name = "list", .summary = "List the VFIO devices",
	.example = PROGRAM " list",
	.run = run_list,
};
