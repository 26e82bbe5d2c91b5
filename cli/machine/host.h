/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host uses, whichever device it is on: read once, for all devices that are asked about. */
#ifndef CLI_MACHINE_HOST_H
#define CLI_MACHINE_HOST_H

#include <stdbool.h>

/* NULL: it could not be read. */
struct machine_host {
	char *mounts;  /* /proc/self/mountinfo */
	char *other_mounts; /* /proc/1/mountinfo, where it is of another namespace, and may be seen */
	char *swaps;   /* /proc/swaps */
	char *routes4; /* /proc/net/route */
	char *routes6; /* /proc/net/ipv6_route, "" without IPv6 */
	char *consoles; /* "tty0 ttyS0" */
	char *framebuffers; /* lines "0000:00:02.0 simpledrm" */
	bool open_disks;
};

/*
 * open_disks: whether a disk is in use is also asked by opening it, which shows what no file does (zfs),
 * needs root, and may start a motor. NULL: out of memory.
 */
struct machine_host *machine_host_new(bool open_disks);
void machine_host_free(struct machine_host *host);

#endif
