/* SPDX-License-Identifier: GPL-2.0-or-later */
/* low-power: an idle device may sleep. */
#include "verbs/low-power.h"
#include "verbs/finish.h"

static int run_low_power(struct call *call)
{
	int fd = arg_device(call, 0)->fd;

	return arg_value(call, 1) ?
	       finish(call, 0, IOMMUFD_OP_LOW_POWER_ENTRY, iommufd_device_low_power_entry(fd, -1)) :
	       finish(call, 0, IOMMUFD_OP_LOW_POWER_EXIT, iommufd_device_low_power_exit(fd));
}

const struct verb verb_low_power = {
	.name = "low-power", .summary = "Let an idle device sleep",
	.args = {
		DEVICE_ARGUMENT,
		{ "on|off", ARG_CHOICE, .label = "ACTION", .choices = CHOICES({ "off", 0 }, { "on", 1 }) },
	},
	.needs = NEEDS_CONTEXT, .run = run_low_power,
};
