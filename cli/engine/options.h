/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli.h"

/*
 * Sort argv, up to its NULL, into options and arguments, by call->verb's table and the common one. It is
 * rearranged in place: call->args points into it. given: room for MAX_GIVEN. Returns an exit code, with the
 * message printed. The tables are argp's, and argp prints the help; it does not parse, because it takes
 * abbreviated options, writes to the process's stderr, and costs a batch line more than all the rest.
 */
int parse_options(struct call *call, char **argv, struct given *given);

/* The options before the verb. */
extern const struct argp_option global_options[];

/* In the flags of a row, beside argp's: a verb that is given this option needs no context. */
enum { OPTION_NO_CONTEXT = 1 << 16 };

enum option_key {
	OPT_JSON = 'j',
	OPT_VERBOSE = 'v',
	OPT_HELP = 'h',
	OPT_VERSION = 'V',
	OPT_SESSION = 's',
	OPT_IOMMUFD = 256,
	OPT_ONCE,
	OPT_NAME,
	OPT_IOVA,
	OPT_OFFSET,
	OPT_LENGTH,
	OPT_READ,
	OPT_WRITE,
	OPT_HUGETLB,
	OPT_KEEP_GOING,
	OPT_HOLD,
	OPT_ECHO,
	OPT_DEVICE,
	OPT_RLIMIT_MODE,
	OPT_BIND,
	OPT_FOREGROUND,
	OPT_READY_FD,
	OPT_RESUME,
	OPT_FORCE,
	OPT_SHARE,
	OPT_MOVE,
	OPT_ALL,
	OPT_NEST_PARENT,
	OPT_DIRTY,
	OPT_PASID,
	OPT_FAULT,
	OPT_TYPE,
	OPT_DATA,
	OPT_NO_CLEAR,
	OPT_PAGE,
	OPT_RAW,
	OPT_FOLLOW,
	OPT_DEPTH,
	OPT_TOKEN,
	OPT_ENTRY,
	OPT_REQUIRE,
	OPT_PID,
	OPT_INFO,
	OPT_PIECE,
};

#endif
