/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the real /sys, /dev and /proc have beside what is simulated. */
#ifndef SIM_SUPERVISOR_MERGE_H
#define SIM_SUPERVISOR_MERGE_H

#include "topology/topology.h"

/*
 * What of the real directory (an fd) is not in the simulated one is bound into it. below: its path in
 * there. 0 or -errno.
 */
int merge_directory(int real, const char *simulated, const char *below);
/* /proc/devices and /proc/interrupts, by which programs tell what the kernel has. */
int merge_proc(const struct topology *topology);

#endif
