/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A question before what cannot be taken back. Whoever types at a terminal is asked, a script is not. */
#ifndef CLI_VERBS_CONFIRM_H
#define CLI_VERBS_CONFIRM_H

#include "engine/command.h"

/* The row of --yes. */
#define YES_OPTION { "yes", OPT_YES, .help = "Do not ask, even on a terminal" }

/* Is there somebody to be asked? Not where --yes is given, in a batch, nor in the holder of a session. */
bool is_asked(const struct call *call);

/* Ask, and read the answer. Returns EXIT_DONE where it was yes, else EXIT_FAILED, with its message. */
__attribute__((format(printf, 2, 3))) int ask(const struct call *call, const char *question, ...);

#endif
