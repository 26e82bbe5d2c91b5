/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_RESOLVE_MEMORY_H
#define CLI_RESOLVE_MEMORY_H

#include "context/memory.h"
#include "engine/command.h"

/*
 * The memory that a word names; a memfd as fd:N is adopted. *ret is a struct memory. An exit code, with its
 * message.
 */
int need_memory(const struct call *call, struct word word, struct object **ret);

#endif
