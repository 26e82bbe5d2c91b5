/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who holds a device, as a text: "process 4711 (qemu) has its cdev open, ...". */
#ifndef CLI_VERBS_CLAIM_HOLDERS_H
#define CLI_VERBS_CLAIM_HOLDERS_H

#include "verbs/claim-target.h"

/*
 * of_vfio: only those for whom an unbind would wait. Returns how many; *ret_waits becomes true where it would
 * wait for one of them.
 */
size_t target_list_holders(const struct target *target, bool of_vfio, struct buffer *text, bool *ret_waits);
/* Only those for whom it would. false: there are none. */
bool target_holders(const struct target *target, struct buffer *text);

#endif
