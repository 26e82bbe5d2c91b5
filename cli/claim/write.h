/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One write to a file below /sys, in a process of its own: the kernel may keep who unbinds a driver for as
 * long as somebody has the device open, and no signal ends that.
 */
#ifndef CLI_CLAIM_WRITE_H
#define CLI_CLAIM_WRITE_H

#include <sys/types.h>

#include "claim/signals.h"

struct sysfs_write {
	const char *path, *text; /* below /sys; with its newline */
	int lock;		 /* an fd that the process keeps until the write is over */
	int limit_ms;
	pid_t pid; /* of the process that still waits, after -ETIMEDOUT */
};

/* 0, or the -errno of the write. A signal that comes leaves it two seconds more. */
int sysfs_write(struct sysfs_write *write, struct held_signals *signals);

#endif
