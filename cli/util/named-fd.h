/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fds that a process was given with a name, as sd_listen_fds_with_names(3) has it. */
#ifndef CLI_UTIL_NAMED_FD_H
#define CLI_UTIL_NAMED_FD_H

#include <stdbool.h>

/*
 * false: none is called so. Whom LISTEN_PID names is not asked: a script that a service manager gave them
 * hands them on to the commands in it.
 */
bool named_fd(const char *name, int *ret);

#endif
