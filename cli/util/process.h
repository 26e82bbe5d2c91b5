/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other processes: a pid alone may be that of another one by now. */
#ifndef CLI_UTIL_PROCESS_H
#define CLI_UTIL_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* When it was started, in clock ticks since boot; 0: there is no such process, or it has ended. */
uint64_t process_start(pid_t pid);

enum { PROCESS_NAME = 16 };

/* What it calls itself; "?" where that cannot be read. */
void process_name(pid_t pid, char name[PROCESS_NAME]);

/* Of CLOCK_MONOTONIC. */
uint64_t clock_ms(void);

/* May this one pin memory without being charged for it (CAP_IPC_LOCK)? */
bool process_may_lock(void);

#endif
