/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_SHOW_PROCESS_H
#define CLI_VERBS_SHOW_PROCESS_H

#include "output/message.h"

/* show --pid: the objects of another process's iommufds. Returns an exit code. */
int show_process(const struct output *output, const char *pid);

#endif
