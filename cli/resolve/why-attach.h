/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a page table does not suit a device: which mapping is in the way of which reserved range. */
#ifndef CLI_RESOLVE_WHY_ATTACH_H
#define CLI_RESOLVE_WHY_ATTACH_H

#include "context/device.h"
#include "engine/command.h"

/*
 * What an attachment to pt, an IOAS or HWPT, was refused with, or a HWPT made of it. object: of the message;
 * device: NULL where it is not of this context. Returns an exit code, with its message.
 */
int fail_on_pt(const struct call *call, const char *object, const struct device *device, uint32_t pt,
	       enum iommufd_op op, int error);

#endif
