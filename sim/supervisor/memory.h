/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of callers: read and written as a system call would. */
#ifndef SIM_SUPERVISOR_MEMORY_H
#define SIM_SUPERVISOR_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* 0, or -EFAULT where a page is not there or not writable: those before it were read or written. */
int memory_read(pid_t tid, uint64_t address, void *to, size_t len);
int memory_write(pid_t tid, uint64_t address, const void *from, size_t len);
/* A text with its end: 0, -EFAULT, or -ENAMETOOLONG. */
int memory_text(pid_t tid, uint64_t address, char *to, size_t len);

#endif
