/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the capital words of arguments and options stand for: one table for all verbs. */
#ifndef CLI_ENGINE_WORDS_H
#define CLI_ENGINE_WORDS_H

#include "engine/option.h"
#include "util/buffer.h"

/*
 * The next capital word of a name, "HWPT" and then "VIOMMU" of "HWPT|VIOMMU": where it begins, and *ret_len. From *at
 * on, which is moved behind it. NULL: there is none.
 */
const char *words_next(const char **at, size_t *ret_len);

/*
 * What such a word of this argument is; of a closed list, all its words, put together in room. NULL: nobody
 * has said.
 */
const char *words_text(const struct argument *arg, const char *word, size_t len, struct buffer *room);

#endif
