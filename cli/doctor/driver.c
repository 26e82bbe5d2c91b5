/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/driver.h"
#include <stdio.h>
#include <string.h>

#include "machine/group.h"
#include "machine/iommu.h"

static enum answer_id answer_of_driver(const struct machine_device *device, const char *vfio)
{
	if (device->is_vfio)
		return VFIO_DRIVER;
	if (!*device->driver && strcmp(device->bus, "mdev") == 0)
		return MDEV_LOST_DRIVER;
	if (!vfio)
		return BUS_WITHOUT_DRIVER;
	if (*device->driver)
		return HOST_DRIVER;
	/* It was given to VFIO already, which has not taken it: the same advice again would lead nowhere. */
	if (strcmp(device->override, vfio) == 0)
		return device->override_exists ? VFIO_NOT_TAKEN : VFIO_NOT_LOADED;
	if (!*device->override)
		return NO_DRIVER;
	return device->override_exists ? OVERRIDE_NOT_TAKEN : OVERRIDE_UNKNOWN;
}

/* Where none could take it there is no advice about drivers: check_group() and check_obstacles() say why. */
static bool may_have_driver(const struct machine_device *device)
{
	return !device->is_bridge && (device->group >= 0 || device->is_vfio || strcmp(device->bus, "mdev") == 0 ||
				      machine_noiommu_mode() > 0);
}

void check_driver(const struct doctor *doctor, const struct machine_device *device)
{
	if (may_have_driver(device))
		tell_driver(doctor, device);
}

void tell_driver(const struct doctor *doctor, const struct machine_device *device)
{
	doctor_tell(doctor, answer_of_driver(device, machine_vfio_driver(device->bus)),
		    BLANKS({ "DEV", device->address }, { "PATH", device->path }, { "BUS", device->bus },
			   { "DRIVER", device->driver }, { "OVERRIDE", device->override }));
}

/* ---- those of its group ---- */

struct siblings {
	const struct doctor *doctor;
	const struct machine_device *device;
	bool keep; /* one of them does */
};

void tell_sibling(const struct doctor *doctor, const struct machine_device *sibling)
{
	char group[16];

	snprintf(group, sizeof(group), "%d", (int)sibling->group);
	doctor_tell(doctor, SIBLING_KEEPS,
		    BLANKS({ "SIBLING", sibling->address }, { "SIBLING-PATH", sibling->path },
			   { "GROUP", group }, { "DRIVER", sibling->driver }));
}

static bool look_at_sibling(void *arg, const struct machine_device *member)
{
	struct siblings *siblings = arg;

	if (strcmp(member->address, siblings->device->address) == 0 || !machine_keeps_group(member))
		return true;
	tell_sibling(siblings->doctor, member);
	siblings->keep = true;
	return true;
}

void check_siblings(const struct doctor *doctor, const struct machine_device *device)
{
	struct siblings siblings = { doctor, device };
	char group[16];

	if (device->group < 0)
		return;
	machine_each_member(device->group, look_at_sibling, &siblings);
	snprintf(group, sizeof(group), "%d", (int)device->group);
	if (!siblings.keep)
		doctor_tell(doctor, SIBLINGS_FINE, BLANKS({ "GROUP", group }));
}
