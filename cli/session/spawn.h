/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start of a holder: what it takes over or makes new, in the background or here. */
#ifndef CLI_SESSION_SPAWN_H
#define CLI_SESSION_SPAWN_H

#include "engine/command.h"

/* What comes of a device whose release the kernel waits for. */
enum on_request {
	REQUEST_AS_BEFORE, /* not said */
	REQUEST_KEEP,	   /* it is shown so */
	REQUEST_UNBIND,
};

/* Of 'session start', sorted out. */
struct spawn {
	const char *name;
	bool foreground;
	int resume_fd; /* the journal of a holder that became this process, -1: there is none */
	bool check;    /* only say whether that could be done */
	int back_fd;   /* the program that was this process before, -1: there was none */
	const char *why; /* it is back, since the other one failed; or NULL */
	enum on_request on_request;
	int ready_fd;  /* is told when the session is ready, -1: nobody is */
	const struct call *call; /* of the start: its options and where its messages go */
};

/* Hold the session in this process until it ends. An exit code, with its message. */
int session_hold(const struct spawn *spawn);
/* The same in another process; returns when the session is there. */
int session_start(const struct spawn *spawn);

#endif
