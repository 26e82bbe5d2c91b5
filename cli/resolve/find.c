/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/find.h"
#include <errno.h>

int fail_find_device(const struct call *call, const char *word, int error)
{
	switch (-error) {
	case ENXIO:
		return msg_fail(call->output, word, "it is no part of a device that VFIO has drivers for");
	case ENOTUNIQ:
		return msg_fail(call->output, word, "it is part of several devices: name one of them");
	default:
		return msg_fail_op(call->output, word, IOMMUFD_OP_LOOKUP, error, IOMMUFD_KIND_UNKNOWN);
	}
}

int find_device(const struct call *call, const char *word, struct machine_device *ret)
{
	int rc = machine_find_device(word, ret);

	return rc < 0 ? fail_find_device(call, word, rc) : EXIT_DONE;
}
