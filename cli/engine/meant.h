/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ", did you mean 'bind'?": of a closed list, what comes near to a word that is none of it; or "". */
#ifndef CLI_ENGINE_MEANT_H
#define CLI_ENGINE_MEANT_H

#include "engine/command.h"
#include "util/near.h"

/* All of them return text, which has room for NEAR_ROOM. */
const char *meant_verb(const struct verb_group *groups, int argc, char **argv, char *text);
/* word: "--naem", "--naem=VALUE" or "-naem". lists: of options, NULL among them stands for none. */
const char *meant_option(const struct verb_option *const *lists, size_t n, const char *word, char *text);
const char *meant_choice(const struct choice *choices, const char *word, char *text);

#endif
