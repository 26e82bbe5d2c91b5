/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this process knows of a hint of the library's: part of it may be done, or need a number. */
#ifndef CLI_RESOLVE_OWN_HINT_H
#define CLI_RESOLVE_OWN_HINT_H

#include "engine/command.h"

/* An own_hint_fn. arg: a struct call. */
const char *own_hint(const void *arg, int error, const char *hint);

#endif
