/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/why-cdev.h"
#include <errno.h>
#include <string.h>

#include "doctor/device.h"
#include "doctor/driver.h"
#include "doctor/holders.h"
#include "doctor/iommu.h"
#include "doctor/kernel.h"
#include "machine/device.h"
#include "machine/iommu.h"
#include "resolve/finding.h"

/* ---- no IOMMU ---- */

void hint_no_iommu(const struct call *call)
{
	const struct doctor doctor = doctor_hints(call->output);

	if (machine_iommu_is_on())
		doctor_tell(&doctor, BEHIND_NONE, NULL);
	else
		check_iommu(&doctor);
	check_command_line(&doctor);
}

static int fail_no_iommu(const struct call *call, const char *word)
{
	msg_fail(call->output, word, "the device has no VFIO cdev: %s (ENXIO)",
		 machine_iommu_is_on() ? "it is behind no IOMMU" : "no IOMMU here, or it is off");
	hint_no_iommu(call);
	return EXIT_FAILED;
}

/* ---- no driver ---- */

/* It goes through all processes: for when nothing else explains it. */
static bool hint_waiting(const struct call *call, const struct machine_device *device)
{
	struct doctor doctor = doctor_hints(call->output);
	struct machine_held held;
	bool waits;

	machine_held_read(&held, end_of_patience(call));
	doctor.held = &held;
	waits = tell_waiting(&doctor, device);
	machine_held_free(&held);
	return waits;
}

/* An obstacle is one whatever drives the device; and while an unbind waits no driver takes it. */
static void hint_no_driver(const struct call *call, const struct machine_device *device)
{
	const struct doctor doctor = doctor_hints(call->output);
	struct finding obstacle;
	const struct doctor first = doctor_first(&obstacle);

	check_obstacles(&first, device);
	if (obstacle.check)
		check_obstacles(&doctor, device);
	else if (*device->driver || !hint_waiting(call, device))
		tell_driver(&doctor, device);
}

int fail_no_cdev(const struct call *call, const char *word)
{
	struct machine_device device;

	if (!machine_device(word, &device))
		return msg_fail_op(call->output, word, IOMMUFD_OP_LOOKUP, ENXIO, IOMMUFD_KIND_UNKNOWN);
	if (device.group < 0 && !device.is_bridge && strcmp(device.bus, "mdev") != 0)
		return fail_no_iommu(call, word);
	msg_fail_op_bare(call->output, word, IOMMUFD_OP_LOOKUP, ENXIO, IOMMUFD_KIND_UNKNOWN);
	hint_no_driver(call, &device);
	return EXIT_FAILED;
}

/* ---- no node ---- */

/* The kernel made none. */
static int fail_not_made(const struct call *call, const char *word, const struct iommufd_device *info)
{
	struct finding why;
	const struct doctor doctor = doctor_first(&why);

	if (info->kind == IOMMUFD_NOIOMMU) {
		doctor_tell(&doctor, NOIOMMU_NO_CDEV, NULL);
		msg_fail(call->output, word, "%s (EOPNOTSUPP)", why.fact);
		hint_no_iommu(call);
		return EXIT_UNSUPPORTED;
	}
	check_cdevs(&doctor);
	if (why.id != CDEVS_NOT_BUILT)
		return msg_fail_op(call->output, word, IOMMUFD_OP_DEVICE_OPEN, EOPNOTSUPP, info->kind);
	fail_finding(call->output, word, &why, EOPNOTSUPP);
	return EXIT_UNSUPPORTED;
}

/* The node has the numbers of another device, or of none: say whose it is, and which it should have. */
static void hint_numbers(const struct call *call, const struct iommufd_device *info)
{
	const struct doctor doctor = doctor_hints(call->output);
	struct iommufd_device owner;

	if (iommufd_device_lookup(info->cdev, &owner) == 0)
		msg_hint(call->output, "%s is the node of %s%s%s%s", info->cdev, owner.name,
			 *owner.address ? " (" : "", owner.address, *owner.address ? ")" : "");
	tell_node(&doctor, info->name);
}

int fail_open_cdev(const struct call *call, const char *word, const struct iommufd_device *info, int error)
{
	if (!*info->cdev)
		return fail_not_made(call, word, info);
	if (error != -ESTALE && error != -ENXIO && error != -ENOENT)
		return msg_fail_op(call->output, word, IOMMUFD_OP_DEVICE_OPEN, error, info->kind);
	msg_fail_op_bare(call->output, word, IOMMUFD_OP_DEVICE_OPEN, error, info->kind);
	hint_numbers(call, info);
	return EXIT_FAILED;
}
