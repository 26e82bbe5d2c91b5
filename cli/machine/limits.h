/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much memory a process may pin, and has pinned. */
#ifndef CLI_MACHINE_LIMITS_H
#define CLI_MACHINE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct machine_limits {
	uint64_t memlock; /* RLIMIT_MEMLOCK in bytes; UINT64_MAX: unlimited */
	uint64_t pinned;  /* in bytes, by this process: others of its user may count as well */
	bool exempt;	  /* it has CAP_IPC_LOCK: the limit does not count */
	char unit[64];	  /* the service that it is of, "NAME.service"; empty: none */
};

/* 0, or -errno: it cannot be told. */
int machine_limits(pid_t pid, struct machine_limits *ret);

#endif
