/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine knows of a device, whether VFIO has it or not. */
#ifndef CLI_VERBS_INFO_MACHINE_H
#define CLI_VERBS_INFO_MACHINE_H

#include "machine/device.h"
#include "verbs/list-table.h"

struct info_machine;

/*
 * To be freed with info_machine_free(). NULL: of a device that the machine has no more, of which nothing is
 * known then. 0, or -errno.
 */
int info_machine_read(const struct machine_device *device, bool ids_only, struct info_machine **ret);
void info_machine_free(struct info_machine *info);
/* What could not be seen. */
void info_machine_note(const struct output *output, const struct info_machine *info);

enum { INFO_MACHINE_TABLES = LIST_TABLES + 7 };
void info_machine_tables(struct table tables[INFO_MACHINE_TABLES], const struct info_machine *info);

#endif
