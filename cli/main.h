/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_MAIN_H
#define CLI_MAIN_H

#include "engine/command.h"

/* A request's execute(): this process runs the command, or a session does. */
int main_execute(struct call *call);

#endif
