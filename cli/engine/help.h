/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli.h"

/* All verbs, by group. */
int help_all(const struct call *call);
/* One verb: usage, options, details; laid out by argp. */
int help_verb(const struct call *call, const struct verb *verb);
/* argv begins with no verb: say so, and what comes near. Returns EXIT_USAGE. */
int help_unknown_verb(const struct call *call, int argc, char **argv);

#endif
