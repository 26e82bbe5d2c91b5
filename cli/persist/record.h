/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One record of a journal: what it says becomes so in the context. */
#ifndef CLI_PERSIST_RECORD_H
#define CLI_PERSIST_RECORD_H

#include "persist/replay.h"

/* replay->words and numbers are the record. 0, or -errno. */
int record_apply(struct replay *replay);

#endif
