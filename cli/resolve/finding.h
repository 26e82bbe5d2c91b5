/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What doctor says of a machine, as hints of a command that failed: the same facts, in the same words. */
#ifndef CLI_RESOLVE_FINDING_H
#define CLI_RESOLVE_FINDING_H

#include "doctor/doctor.h"
#include "engine/command.h"

/* A look whose findings become hints, "FACT: MEND"; but for what is well, and needs no advice. */
struct doctor doctor_hints(const struct output *output);

/* A look of which the first finding that is not well is kept. check NULL: there was none. */
struct doctor doctor_first(struct finding *ret);

/* Until when processes are looked at: a holder does it while others wait. */
uint64_t end_of_patience(const struct call *call);

/* It is why something failed. Returns EXIT_FAILED. */
int fail_finding(const struct output *output, const char *object, const struct finding *why, int error);

#endif
