/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a holder gives up for good once it has what it needs: new privileges, all system calls but those of a
 * list, and files to write to but the devices' and its own socket. What is forbidden fails with EPERM or
 * EACCES: an end would cost the devices. The program that a restart executes lives under the same rules.
 */
#ifndef CLI_SESSION_CONFINE_H
#define CLI_SESSION_CONFINE_H

#include <stdbool.h>

#include "output/message.h"

/* This process, for good. Where the kernel lacks a means it does without; what it refuses is told. */
void confine(const struct output *output);

/* Is there a list for this kind of processor? */
bool confine_has_list(void);

/* Is the system call on the list, with some arguments at least? */
bool confine_allows(int number);

#endif
