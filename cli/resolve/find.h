/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words to devices of the machine, whether VFIO has them or not. Returns exit codes, with their messages. */
#ifndef CLI_RESOLVE_FIND_H
#define CLI_RESOLVE_FIND_H

#include "engine/command.h"
#include "machine/find.h"

/* An address, a cdev, an interface, a disk: what machine_find_device() knows. */
int find_device(const struct call *call, const char *word, struct machine_device *ret);
/* The message alone; error: of machine_find_device(). */
int fail_find_device(const struct call *call, const char *word, int error);

#endif
