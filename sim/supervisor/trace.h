/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line for each simulated call: who, what, on which fd, and what came of it. trace NULL: nothing. */
#ifndef SIM_SUPERVISOR_TRACE_H
#define SIM_SUPERVISOR_TRACE_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

void trace_open(FILE *trace, pid_t tid, const char *path, long rc);
void trace_ioctl(FILE *trace, pid_t tid, int fd, unsigned long request, long rc);
void trace_write(FILE *trace, pid_t tid, int fd, const char *text, long rc);
void trace_pwrite(FILE *trace, pid_t tid, int fd, uint64_t at, long rc);

#endif
