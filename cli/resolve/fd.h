/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_RESOLVE_FD_H
#define CLI_RESOLVE_FD_H

#include "engine/command.h"

/*
 * The fd that "iommufd", a device, a queue or "mem:NAME" stands for. Returns an exit code, with its message.
 */
int need_fd(const struct call *call, struct word word, int *ret);

#endif
