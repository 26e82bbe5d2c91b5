/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the verbs of HWPTs, queues and vIOMMUs share. */
#ifndef CLI_HWPT_H
#define CLI_HWPT_H

#include "context.h"

/*
 * The id of a device as the iommufd has it: of a bound device by any of its words, or a number as it is, for
 * one that another process has bound. ret_kind (may be NULL): for explanations.
 */
int need_device_id(const struct call *call, const char *ref, uint32_t *ret,
		   enum iommufd_device_kind *ret_kind);

/* Bytes for the kernel, which a driver defines: "hex:BYTES", or a file. */
struct data {
	uint32_t length;
	unsigned char bytes[4096];
};

/* The option --data; without it nothing. */
int need_data(const struct call *call, struct data *ret);

#endif
