/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Help, all of it from the rows of verbs. */
#ifndef CLI_ENGINE_HELP_H
#define CLI_ENGINE_HELP_H

#include "engine/command.h"

enum { ARGS_LENGTH = 128 };

/*
 * A verb's arguments as people read them: "IOAS [IOVA [LENGTH]]". text: room for ARGS_LENGTH; it is returned.
 */
const char *help_args(const struct verb *verb, char *text);

/* To whom first steps are told: on a machine without a VFIO device, on one that has some, and in the help. */
enum help_steps { STEPS_WITHOUT_DEVICE = 1, STEPS_WITH_DEVICE = 2, STEPS_ALL = 3 };
/* The commands of a first day, a line each with what it is for. device: a word for one. */
void help_first_steps(struct buffer *out, enum help_steps which, const char *device);
/* All verbs, by group. */
int help_all(const struct call *call);
/* The verbs whose first word that is. false: there are none. */
bool help_group(const struct call *call, const char *group);
/* One verb: usage, options, details; see usage.h. */
int help_verb(const struct call *call, const struct verb *verb);
/* argv begins with no verb: the help of a group if it asks for that, or else the following. An exit code. */
int help_without_verb(const struct call *call, int argc, char **argv);
/* Say so, and what comes near. Returns EXIT_USAGE. */
int help_unknown_verb(const struct call *call, int argc, char **argv);

#endif
