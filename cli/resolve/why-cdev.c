/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/why-cdev.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "machine/device.h"
#include "machine/iommu.h"

/* ---- no IOMMU ---- */

/* The firmware has one, and the kernel does not use it. */
static void hint_intel(const struct call *call)
{
	bool is_off = machine_booted_with("intel_iommu=off");

	msg_hint(call->output, "the firmware has one, Intel's: boot with intel_iommu=on%s%s",
		 is_off ? " in the place of intel_iommu=off" : "",
		 machine_booted_with("iommu=off") ? ", and without iommu=off" : "");
}

static void hint_amd(const struct call *call)
{
	const char *word = machine_booted_with("amd_iommu=off") ? "amd_iommu=off" :
			   machine_booted_with("iommu=off")	? "iommu=off" :
								  NULL;

	if (word)
		msg_hint(call->output, "the firmware has one, AMD's: boot without %s", word);
	else
		msg_hint(call->output, "the firmware has one, AMD's, which the kernel uses unless told not to: "
				       "'dmesg | grep AMD-Vi' shows why it does not%s",
			 machine_booted_with("amd_iommu=on") ? "; amd_iommu=on is no option, and does nothing" : "");
}

void hint_no_iommu(const struct call *call)
{
	if (machine_iommu_is_on())
		return msg_hint(call->output, "an IOMMU is on, but not for this device: 'ls -d "
					      "/sys/bus/pci/devices/*/iommu_group' shows those that it is for");
	switch (machine_firmware()) {
	case FIRMWARE_INTEL:
		return hint_intel(call);
	case FIRMWARE_AMD:
		return hint_amd(call);
	case FIRMWARE_ARM:
		return msg_hint(call->output, "the firmware has one, of Arm's: 'dmesg | grep -i smmu' shows what "
					      "the kernel makes of it");
	case FIRMWARE_NONE:
		return msg_hint(call->output, "the firmware tells of none: enable it in its settings (VT-d, "
					      "AMD-Vi or IOMMU); a virtual machine is given one by its hypervisor");
	default:
		msg_hint(call->output, "enable it in the firmware's settings; one of Intel takes intel_iommu=on "
				       "on the kernel's command line, too");
	}
}

static int fail_no_iommu(const struct call *call, const char *word)
{
	msg_fail(call->output, word, "the device has no VFIO cdev: %s (ENXIO)",
		 machine_iommu_is_on() ? "it is behind no IOMMU" : "no IOMMU here, or it is off");
	hint_no_iommu(call);
	return EXIT_FAILED;
}

/* ---- no driver ---- */

/* The commands that give it to VFIO, however it stands. */
static void hint_driver(const struct call *call, const struct machine_device *device, const char *vfio,
			const char *why)
{
	bool must_load = !machine_has_driver(device->bus, vfio);

	msg_hint(call->output,
		 "%s; to change that: B=%s; %s%s%scd /sys/bus/%s; echo %s >devices/$B/driver_override; "
		 "%secho $B >drivers_probe",
		 why, device->address, must_load ? "modprobe " : "", must_load ? vfio : "", must_load ? "; " : "",
		 device->bus, vfio, *device->driver ? "echo $B >devices/$B/driver/unbind; " : "");
}

/* It was given to a VFIO driver already, which has not taken it: the same advice again would lead nowhere. */
static void hint_not_taken(const struct call *call, const struct machine_device *device)
{
	if (!device->override_exists)
		msg_hint(call->output, "its driver_override is %s, and this kernel has no such driver: "
				       "modprobe %s && echo %s >/sys/bus/%s/drivers_probe",
			 device->override, device->override, device->address, device->bus);
	else
		msg_hint(call->output, "its driver_override is %s, which did not take it: 'echo %s "
				       ">/sys/bus/%s/drivers_probe' asks again, 'dmesg | grep %s' shows why not",
			 device->override, device->address, device->bus, device->address);
}

/* An mdev has its driver from the moment when it is made, and is given none later. */
static void hint_mdev(const struct call *call, const struct machine_device *device)
{
	msg_hint(call->output,
		 "it has no driver, and gets one only when it is made: D=/sys/%s; T=$(realpath $D/mdev_type); "
		 "echo 1 >$D/remove; echo %s >$T/create",
		 device->path, device->address);
}

static void hint_no_driver(const struct call *call, const struct machine_device *device)
{
	const char *vfio = machine_vfio_driver(device->bus);
	char why[256];

	if (device->is_bridge)
		return msg_hint(call->output, "it is a PCI bridge, which VFIO does not take: what is behind it is "
					      "bound device by device");
	if (!*device->driver && vfio && strcmp(device->override, vfio) == 0)
		return hint_not_taken(call, device);
	if (!*device->driver && strcmp(device->bus, "mdev") == 0)
		return hint_mdev(call, device);
	if (*device->driver)
		snprintf(why, sizeof(why), "its driver is %s", device->driver);
	else if (*device->override)
		snprintf(why, sizeof(why), "it has no driver, as its driver_override is %s, which %s",
			 device->override,
			 device->override_exists ? "did not take it" : "this kernel does not have");
	else
		strcpy(why, "it has no driver");
	if (vfio)
		hint_driver(call, device, vfio, why);
	else
		msg_hint(call->output, "%s", why);
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
	if (info->kind == IOMMUFD_NOIOMMU) {
		msg_fail(call->output, word, "this kernel makes no cdev for a device in noiommu mode (EOPNOTSUPP)");
		hint_no_iommu(call);
		return EXIT_UNSUPPORTED;
	}
	if (machine_makes_cdevs() != 0)
		return msg_fail_op(call->output, word, IOMMUFD_OP_DEVICE_OPEN, EOPNOTSUPP, info->kind);
	msg_fail(call->output, word, "this kernel makes no cdevs: it lacks CONFIG_VFIO_DEVICE_CDEV (EOPNOTSUPP)");
	msg_hint(call->output, "without cdevs there is no iommufd for its devices: use a kernel of Linux 6.6 or "
			       "later that has it");
	return EXIT_UNSUPPORTED;
}

/* The node has the numbers of another device, or of none: say whose it is, and which it should have. */
static void hint_numbers(const struct call *call, const struct iommufd_device *info)
{
	struct iommufd_device owner;
	char numbers[32];

	if (iommufd_device_lookup(info->cdev, &owner) == 0)
		msg_hint(call->output, "%s is the node of %s%s%s%s", info->cdev, owner.name,
			 *owner.address ? " (" : "", owner.address, *owner.address ? ")" : "");
	if (machine_cdev_numbers(info->name, numbers, sizeof(numbers)) == 0)
		msg_hint(call->output, "the node of %s has the numbers %s", info->name, numbers);
}

int fail_open_cdev(const struct call *call, const char *word, const struct iommufd_device *info, int error)
{
	if (!*info->cdev)
		return fail_not_made(call, word, info);
	if (error != -ESTALE && error != -ENXIO)
		return msg_fail_op(call->output, word, IOMMUFD_OP_DEVICE_OPEN, error, info->kind);
	msg_fail_op_bare(call->output, word, IOMMUFD_OP_DEVICE_OPEN, error, info->kind);
	hint_numbers(call, info);
	return EXIT_FAILED;
}
