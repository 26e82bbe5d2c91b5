/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening to the kernel, for the verbs that wait for devices. */
#ifndef CLI_VERBS_WATCH_H
#define CLI_VERBS_WATCH_H

#include "engine/command.h"

struct watch {
	struct iommufd_uevents *uevents;
	bool never; /* no event arrives here */
	bool looks; /* not all events may: look every second, too */
};

enum { LOOK_MS = 1000 };

/* From then on nothing is missed. Returns an exit code, with its message. */
int watch_open(const struct call *call, struct watch *ret);
/* Before the waiting begins: where no events arrive, say so. */
void watch_note(const struct call *call, const struct watch *watch);
void watch_close(struct watch *watch);

/* 1: the next event, 0: there is none, -ENOBUFS: some were lost; or another -errno. */
int watch_read(const struct watch *watch, struct iommufd_uevent *ret);
/* What went wrong; an exit code. */
int watch_fail(const struct call *call, int error);

/*
 * Wait for events until then (of clock_ms(); UINT64_MAX: for ever), at most until the next look is due where
 * looks are needed. reader: an fd that somebody reads, or -1. false: that one has gone.
 */
bool watch_wait(const struct watch *watch, uint64_t until, int reader);

#endif
