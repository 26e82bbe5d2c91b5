/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What VFIO shows of a bound device: regions, interrupts, capabilities, features. */
#ifndef CLI_VERBS_DEVICE_INFO_H
#define CLI_VERBS_DEVICE_INFO_H

#include "engine/command.h"
#include "output/table.h"

struct device_info;

/* To be freed. NULL: out of memory. */
struct device_info *device_info_new(void);
/* fd: the cdev of argument 0. All of it, before anything is printed. An exit code, with its message. */
int device_info_read(const struct call *call, int fd, struct device_info *info);

enum { DEVICE_INFO_TABLES = 5 };
/* Without a row, where it was not read. */
void device_info_tables(struct table tables[DEVICE_INFO_TABLES], const struct device_info *info);

#endif
