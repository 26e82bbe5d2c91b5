/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Explanations: what a device is asked beyond bind and attach. */
#include "explain.h"

const struct explain_row explain_devices[] = {
	{ 0 },
};
