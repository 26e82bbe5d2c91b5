/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preloaded: this process gets no epoll. What it executes is not preloaded any more. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

int epoll_create1(int flags)
{
	(void)flags;
	unsetenv("LD_PRELOAD");
	errno = ENOMEM;
	return -1;
}
