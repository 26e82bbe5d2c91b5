/* SPDX-License-Identifier: GPL-2.0-or-later */
/* low-power: an idle device may sleep. */
#include "verbs/low-power.h"
#include "verbs/finish.h"

static int run_low_power(struct call *call)
{
	const struct device *device = arg_device(call, 0);
	int rc;

	if (!arg_value(call, 1))
		return finish(call, 0, IOMMUFD_OP_LOW_POWER_EXIT, iommufd_device_low_power_exit(device->fd));
	rc = iommufd_device_low_power_entry(device->fd, -1);
	if (rc == 0)
		note_revoked(call, device);
	return finish(call, 0, IOMMUFD_OP_LOW_POWER_ENTRY, rc);
}

const struct verb verb_low_power = {
	.name = "low-power", .summary = "Let an idle device sleep",
	.example = PROGRAM " low-power nic on",
	.args = {
		DEVICE_ARGUMENT,
		{ "on|off", ARG_CHOICE, .label = "ACTION", .choices = CHOICES({ "off", 0 }, { "on", 1 }) },
	},
	.needs = NEEDS_CONTEXT, .run = run_low_power,
};
