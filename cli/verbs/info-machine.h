/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine knows of a device, whether VFIO has it or not. */
#ifndef CLI_VERBS_INFO_MACHINE_H
#define CLI_VERBS_INFO_MACHINE_H

#include "machine/device.h"
#include "output/table.h"

struct info_machine;

/* To be freed with info_machine_free(). NULL: out of memory. */
struct info_machine *info_machine_read(const struct machine_device *device);
/* Of a device that the machine has no more. */
struct info_machine *info_machine_empty(void);
void info_machine_free(struct info_machine *info);

enum { INFO_MACHINE_TABLES = 6 };
void info_machine_tables(struct table tables[INFO_MACHINE_TABLES], const struct info_machine *info);

#endif
