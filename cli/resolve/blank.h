/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The blanks of hints, "DEV" and "IOAS": what stands there can be typed as it is. */
#ifndef CLI_RESOLVE_BLANK_H
#define CLI_RESOLVE_BLANK_H

#include "engine/command.h"

/* A fill_blank_fn. arg: a struct call. */
const char *fill_blank(const void *arg, const char *blank, size_t len, char room[BLANK_ROOM]);

#endif
