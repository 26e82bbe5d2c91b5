/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words that stand for open fds, "fd:N" of the caller's or one that a session's client sent along; and for
 * files.
 */
#ifndef CLI_RESOLVE_FILE_H
#define CLI_RESOLVE_FILE_H

#include "engine/command.h"

/* The fd that the word stands for. false: it stands for none. */
bool word_fd(const struct call *call, struct word word, int *ret);
/* Make it the context's: it is not closed when the command ends. false: it is the caller's own fd. */
bool word_take_fd(const struct call *call, struct word word);

/*
 * The file that a word names, to be read; "-" is stdin. *ret_ours: to be closed by the caller. Returns an
 * exit code, with its message.
 */
int open_source(const struct call *call, struct word word, int *ret, bool *ret_ours);

/*
 * Is an fd from elsewhere of this kind, STREAM, FAULT or VEVENTQ? Asked before a byte is read of it or
 * written. Returns an exit code, with its message.
 */
int check_fd_kind(const struct call *call, const char *word, int fd, enum iommufd_fd_kind kind);

#endif
