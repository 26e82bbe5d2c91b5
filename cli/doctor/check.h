/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that doctor looks at, in its order. docs/troubleshooting reads the table. */
#ifndef CLI_DOCTOR_CHECK_H
#define CLI_DOCTOR_CHECK_H

#include "doctor/doctor.h"
#include "machine/device.h"

#include <stdbool.h>

struct check {
	const char *name;
	const char *question; /* for docs/troubleshooting.md */
	/* Of the machine, or of a device: one of them. */
	void (*machine)(const struct doctor *doctor);
	void (*device)(const struct doctor *doctor, const struct machine_device *device);
	bool physical; /* an mdev does without */
};

extern const struct check doctor_checks[]; /* ended by one without a name */

#endif
