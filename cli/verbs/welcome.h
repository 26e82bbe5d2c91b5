/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tool without words: what this machine is, and what to begin with. */
#ifndef CLI_VERBS_WELCOME_H
#define CLI_VERBS_WELCOME_H

#include "engine/command.h"

/* On stderr: it is no result. Returns EXIT_USAGE. */
int welcome(const struct call *call);

#endif
