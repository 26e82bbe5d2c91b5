/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which system calls the supervisor is asked about. */
#ifndef SIM_SUPERVISOR_FILTER_H
#define SIM_SUPERVISOR_FILTER_H

/*
 * For this process, and all that it starts: the fd on which its calls are told, or -errno. -EBUSY: another
 * supervisor is asked already; -ENOSYS: no seccomp, or one that cannot do this; -EPERM: it is forbidden
 * here.
 */
int filter_install(void);

#endif
