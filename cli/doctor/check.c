/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/check.h"
#include "doctor/device.h"
#include "doctor/driver.h"
#include "doctor/holders.h"
#include "doctor/iommu.h"
#include "doctor/kernel.h"

const struct check doctor_checks[] = {
	{ "iommu", "Is there an IOMMU, and is it on?", check_iommu, .physical = true },
	{ "command-line", "Do words of the kernel's command line do what people think?", check_command_line },
	{ "interrupts", "Can a device send interrupts that are not its own?", check_interrupts, .physical = true },
	{ "iommufd", "Does /dev/iommu open?", check_iommufd },
	{ "cdevs", "Does the kernel make the nodes /dev/vfio/devices/vfioN?", check_cdevs },
	{ "noiommu", "Does VFIO take devices without an IOMMU?", check_noiommu_mode },
	{ "group", "Is the device behind an IOMMU?", .device = check_group },
	{ "obstacles", "Can it be given to VFIO at all?", .device = check_obstacles },
	{ "driver", "Has it a driver of VFIO?", .device = check_driver },
	{ "siblings", "Does another device of its group keep it from VFIO?", .device = check_siblings },
	{ "node", "Has it a node, and may it be opened?", .device = check_node },
	{ "holders", "Has a process got it?", .device = check_holders },
	{ "use", "What would the host lose?", .device = check_use },
	{ "claimants", "Who else gives drivers to it?", .device = check_claimants },
	{ "memlock", "May so much memory be pinned (--memory)?" },
	{ NULL },
};
