/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a claim or a release prints. */
#ifndef CLI_VERBS_CLAIM_SHOW_H
#define CLI_VERBS_CLAIM_SHOW_H

#include "verbs/claim-target.h"

/* The devices as they are now, and whether anything was changed. Returns EXIT_DONE. */
int targets_print(const struct call *call, const struct targets *targets);
/* What --dry-run shows: the steps of all, none of which is taken. Returns EXIT_DONE. */
int targets_print_steps(const struct call *call, const struct targets *targets);

#endif
