/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands below USE in a list: what the host would lose, and whether the device is claimed. */
#ifndef CLI_VERBS_LIST_USE_H
#define CLI_VERBS_LIST_USE_H

#include "verbs/list-table.h"

/* Fill use of each row. 0, or -ENOMEM. What cannot be told of a device stays NULL. */
int list_uses_read(struct list_row *rows, size_t count);
void list_uses_free(struct list_row *rows, size_t count);

#endif
