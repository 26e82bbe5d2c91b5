/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes for the kernel, which a driver defines. */
#ifndef CLI_RESOLVE_DATA_H
#define CLI_RESOLVE_DATA_H

#include "engine/command.h"

struct data {
	uint32_t length;
	unsigned char bytes[4096];
};

/* The row of --data. */
#define DATA_OPTION(help) { "data", OPT_DATA, { "FILE|-|hex:BYTES", ARG_FILE_OR_HEX }, help }

/* What the option --data names; without it nothing. Returns an exit code, with its message. */
int opt_data(const struct call *call, struct data *ret);

#endif
