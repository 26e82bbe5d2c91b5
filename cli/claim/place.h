/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where records of claims lie, /run/iommufdctl/claims: a directory that others can read and only its owner
 * can change. Which devices these are is no secret.
 */
#ifndef CLI_CLAIM_PLACE_H
#define CLI_CLAIM_PLACE_H

#include <stdbool.h>
#include <stddef.h>

/* Its path; of a file in it where one is named. -ENAMETOOLONG, or 0. */
int claims_path(char *buf, size_t len, const char *name);

/*
 * The directory, or -errno. create: make it. -ENOENT: there is none; -EPERM: it belongs to another user, or
 * others may write there.
 */
int claims_open(bool create);

/*
 * The lock of a device, which ends with the fd, or -errno. -EAGAIN: another process has it, *ret_pid says
 * which, 0: that is not known.
 */
int claims_lock(int dir, const char *name, int *ret_pid);
/* That process has it from now on. */
void claims_note_pid(int lock, int pid);
/* Give it back, and leave no file behind. */
void claims_unlock(int dir, const char *name, int lock);

#endif
