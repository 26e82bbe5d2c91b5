/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the files use-*.c add to the list. */
#ifndef CLI_MACHINE_USE_ADD_H
#define CLI_MACHINE_USE_ADD_H

#include "machine/use.h"

__attribute__((format(printf, 3, 4)))
void use_add(struct machine_uses *uses, const char *fact, const char *format, ...);
/* It may be in use, in a way that cannot be seen. */
__attribute__((format(printf, 3, 4)))
void use_add_unknown(struct machine_uses *uses, const char *fact, const char *format, ...);

#endif
