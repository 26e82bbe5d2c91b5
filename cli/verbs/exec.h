/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handing fds to a program by number. */
#ifndef CLI_EXEC_H
#define CLI_EXEC_H

#include "cli.h"

/* The fd that a {fd:REF} stands for. EXIT_DONE, or an exit code with its message. */
typedef int fd_resolver(const struct call *call, void *arg, const char *ref, int *ret);

/* call->args with each {fd:REF} replaced by its number; the caller's to free_words(). */
int substitute_words(const struct call *call, fd_resolver *resolve, void *arg, char ***ret);
void free_words(char **words);

/* Let the fd survive an exec. */
void inherit(int fd);

/* Become the program; returns only when that fails: 127 or 126, with the message. */
int become(const struct call *call, char **words);

#endif
