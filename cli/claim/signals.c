/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "claim/signals.h"
#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

int signals_hold(struct held_signals *held)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	held->seen = 0;
	held->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (held->fd < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &set, &held->before);
	return 0;
}

bool signals_came(struct held_signals *held)
{
	struct signalfd_siginfo info;

	while (read(held->fd, &info, sizeof(info)) == sizeof(info))
		held->seen = held->seen ?: (int)info.ssi_signo;
	return held->seen;
}

void signals_let_go(struct held_signals *held)
{
	signals_came(held);
	close(held->fd);
	sigprocmask(SIG_SETMASK, &held->before, NULL);
}
